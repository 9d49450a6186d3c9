//! From a source to what it declares.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use tokio::runtime::Handle;

use super::lock::unless_signalled;
use super::{Context, Options, Pinned, Run};
use crate::docker::Engine;
use crate::error::Error;
use crate::event::{Event, Reporter};
use crate::files::{Tree, TreePath};
use crate::key::{AppId, ItemKey, Namespace, printable};
use crate::manifest::{self, Application, Finding, Place, Rule, Severity, has_errors};
use crate::source::{Revision, Source, SourceError, normalise_url};
use crate::state::{self, Contents, Desired};

/// A manifest and all that it names, found to be valid.
#[derive(Debug)]
pub struct Checked {
    /// What it says.
    pub app: Application,
    /// Whose it is in this run: `--namespace` may say otherwise than the manifest.
    pub id: AppId,
    /// What it names.
    pub contents: Contents,
    /// Warnings.
    pub findings: Vec<Finding>,
}

impl Checked {
    /// Where the manifest declares an item.
    pub(super) fn place(&self, key: &ItemKey) -> Place {
        let function = self.app.functions.iter().find(|function| function.key == *key);
        function.map_or_else(|| Place::new("spec.static.dir"), |function| function.place.key("path"))
    }
}

/// How closely static files are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// By name and size: their content is hashed later.
    Names,
    /// Small ones are read as well: all that can be found without hashing.
    SmallFiles,
}

/// Whose manifest it is: the manifest alone is read.
pub fn identify(source: &Source, namespace: Option<&Namespace>) -> Result<AppId, Error> {
    let (app, findings) = manifest::read(source.tree.as_ref(), &source.manifest);
    match app {
        Some(app) if !has_errors(&findings, false) => Ok(id(&app, namespace)),
        _ => Err(Error::Invalid(findings)),
    }
}

fn id(app: &Application, namespace: Option<&Namespace>) -> AppId {
    AppId { namespace: namespace.cloned().unwrap_or_else(|| app.id.namespace.clone()), name: app.id.name.clone() }
}

/// Reads the manifest and looks at everything it names.
pub fn check(source: &Source, namespace: Option<&Namespace>, strict: bool, depth: Depth) -> Result<Checked, Vec<Finding>> {
    let tree = source.tree.as_ref();
    let (app, mut findings) = manifest::read(tree, &source.manifest);
    let Some(app) = app else { return Err(findings) };
    let contents = state::collect(&app, tree, &mut findings);
    if depth == Depth::SmallFiles {
        state::check(&app, tree, &contents, &mut findings);
    }
    findings.extend(other_source(&app, source));
    manifest::sort(&mut findings, &source.manifest);
    if has_errors(&findings, strict) {
        // What may follow from an error is no news.
        findings.retain(|finding| finding.rule.severity() != Severity::Hint);
        return Err(findings);
    }
    Ok(Checked { id: id(&app, namespace), app, contents, findings })
}

/// What the manifest names: directories, and files on their own. Nothing when it cannot be read.
#[must_use]
pub fn inputs(source: &Source) -> Vec<TreePath> {
    let (app, _) = manifest::read(source.tree.as_ref(), &source.manifest);
    let Some(app) = app else { return Vec::new() };
    app.site.iter().map(|site| &site.dir).chain(app.code_files()).chain(app.build_paths()).cloned().collect()
}

fn other_source(app: &Application, source: &Source) -> Option<Finding> {
    let declared = normalise_url(app.source.as_ref()?.repo_url.as_ref()?);
    let here = source.identity.split('#').next().unwrap_or_default();
    if here.starts_with("file://") || here == declared {
        return None;
    }
    let message = format!("`spec.source` names {}, and these files come from {}", printable(&declared), printable(here));
    Some(app.finding(Rule::OtherSource, &Place::new("spec.source.repoURL"), message).help("correct it, or remove spec.source"))
}

/// What a source declares, hashed, and where its bytes are.
pub(super) struct Prepared {
    pub(super) desired: Desired,
    pub(super) revision: Option<Revision>,
    pub(super) tree: Arc<dyn Tree>,
    /// Where all of it came from; none where nothing is declared because everything is to go.
    pub(super) source: Option<Arc<Source>>,
    /// Which repository and directory; none where nothing is declared because everything is to go.
    pub(super) identity: Option<String>,
}

/// What a run knows of an application before, or without, all of it being valid.
#[derive(Default)]
struct Known {
    app: Option<AppId>,
    findings: Vec<Finding>,
}

/// Checks, hashes and finds the revision, on other threads, so that a signal is heard meanwhile; fills in what the run knows by then.
pub(super) async fn prepare(source: &Arc<Source>, options: &Options, context: &Context, run: &mut Run) -> Result<Prepared, Error> {
    let started = Instant::now();
    let (source, options, reporter) = (Arc::clone(source), options.clone(), Arc::clone(&context.reporter));
    let handle = Handle::current();
    let work = tokio::task::spawn_blocking(move || {
        let mut known = Known::default();
        let prepared = prepare_now(&source, &options, reporter.as_ref(), &handle, &mut known);
        (known, prepared)
    });
    let done = unless_signalled(&context.stop, work).await?;
    let (known, prepared) = done.map_err(|error| Error::Unexpected(error.to_string()))?;
    run.timings.source = started.elapsed();
    run.app = known.app;
    run.findings = known.findings;
    let prepared = prepared?;
    run.revision = prepared.revision.as_ref().map(Revision::text);
    run.branch = prepared.revision.as_ref().and_then(|revision| revision.branch.clone());
    run.declared = prepared.desired.keys().cloned().collect();
    Ok(prepared)
}

fn prepare_now(
    source: &Arc<Source>,
    options: &Options,
    reporter: &dyn Reporter,
    handle: &Handle,
    known: &mut Known,
) -> Result<Prepared, Error> {
    let head = source.head()?;
    let checked = check(source, options.namespace.as_ref(), options.strict, Depth::Names).map_err(Error::Invalid)?;
    known.app = Some(checked.id.clone());
    known.findings = checked.findings;
    let mut contents = checked.contents;
    if options.policy.local && contents.has_containers() && !handle.block_on(Engine::new(options.deployment.engine.clone()).is_here()) {
        leave_out_containers(&mut contents, reporter);
    }
    let app = &checked.app;
    let image_files: BTreeSet<TreePath> = contents.image_files().cloned().collect();
    let directories: Vec<TreePath> = app.site.iter().map(|site| site.dir.clone()).collect();
    let desired = contents.hash(app, checked.id, source.tree.as_ref(), reporter).map_err(Error::Invalid)?;
    let files = desired.files.values().map(|file| file.path.as_str());
    let others = app.code_files().chain(&image_files).map(TreePath::as_str);
    let taken: BTreeSet<&str> = files.chain(others).chain([source.manifest.as_str()]).collect();
    let revision = source.revision(&taken, &directories)?;
    if revision.as_ref().map(|revision| &revision.commit) != head.as_ref() {
        return Err(SourceError::Moved.into());
    }
    if let Some(pinned) = &options.pinned {
        still_is(pinned, &desired.app, revision.as_ref().and_then(|revision| revision.branch.as_deref()))?;
    }
    Ok(Prepared {
        desired,
        revision,
        tree: Arc::clone(&source.tree),
        source: Some(Arc::clone(source)),
        identity: Some(source.identity.clone()),
    })
}

fn still_is(pinned: &Pinned, app: &AppId, branch: Option<&str>) -> Result<(), Error> {
    let paused = |what, was: &str, now: &str| Error::Paused { what, was: printable(was).into_owned(), now: printable(now).into_owned() };
    match pinned {
        Pinned { app: Some(was), .. } if was != app => Err(paused("application", &was.to_string(), &app.to_string())),
        Pinned { branch: Some(was), .. } if Some(was.as_str()) != branch => {
            Err(paused("branch", was, branch.unwrap_or("a commit of no branch")))
        }
        Pinned { app: _, branch: _ } => Ok(()),
    }
}

/// Without an engine on this machine the embedded orchestrator runs no containers.
fn leave_out_containers(contents: &mut Contents, reporter: &dyn Reporter) {
    let left_out = contents.leave_out_containers();
    let Some(first) = left_out.first() else { return };
    let (count, first) = (left_out.len(), printable(&first.name));
    reporter.event(&Event::Warning(format!(
        "docker functions are left out, for there is no Docker engine on this machine: {count} of them, the first is `{first}`"
    )));
}
