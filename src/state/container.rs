//! Docker functions: what their images are built from, looked at and then hashed.

use super::desired::DesiredFunction;
use super::dockerfile::{Dockerfile, ExposedPort};
use super::image::{self, ImageBuild, ImageSource};
use super::missing;
use crate::event::Reporter;
use crate::files::{BuildContext, ContextError, Entry, FileError, FileSet, NodeKind, Stat, Tree, TreePath};
use crate::key::{ItemKey, Namespace, printable};
use crate::live::function_fingerprint;
use crate::manifest::{Application, Build, Finding, Function, Image, Place, Rule};

/// The runtime's name on the server.
pub const DOCKER: &str = "docker";
/// Where the server looks when nothing says otherwise.
const DEFAULT_PORT: u16 = 80;

/// A Docker function, read as far as a check needs.
#[derive(Debug)]
pub(super) struct Container {
    image: Image,
    context: Option<BuildContext>,
    port: u16,
    health: Option<String>,
    place: Place,
}

/// Looks at the image of `function`; none when a finding says why there is none.
pub(super) fn collect(
    app: &Application,
    tree: &dyn Tree,
    function: &Function,
    image: &Image,
    findings: &mut Vec<Finding>,
) -> Option<Container> {
    let health = function.health.clone();
    let Some(build) = &image.build else {
        let port = image.port.unwrap_or(DEFAULT_PORT);
        return Some(Container { image: image.clone(), context: None, port, health, place: function.place.clone() });
    };
    if !files_are_there(app, tree, &function.place, build, findings) {
        return None;
    }
    let context = match BuildContext::collect(tree, &build.context, &build.dockerfile) {
        Ok(context) => context,
        Err(error) => {
            findings.push(refusal(app, &function.place, &error));
            return None;
        }
    };
    let dockerfile = Dockerfile::parse(&context.recipe.text);
    if let Some(target) = build.target.as_deref().filter(|target| !dockerfile.has_stage(target)) {
        let message = format!("`{}` is not a stage of `{}`", printable(target), build.dockerfile);
        let finding = app.finding(Rule::BadContext, &function.place.key("build").key("target"), message);
        findings.push(match dockerfile.stage_names().as_slice() {
            [] => finding.help("none of its stages has a name"),
            names => finding.help(format!("its stages are {}", printable(&names.join(", ")))),
        });
        return None;
    }
    let port = image.port.unwrap_or_else(|| exposed_port(app, function, build, &dockerfile, findings));
    Some(Container { image: image.clone(), context: Some(context), port, health, place: function.place.clone() })
}

fn exposed_port(app: &Application, function: &Function, build: &Build, dockerfile: &Dockerfile, findings: &mut Vec<Finding>) -> u16 {
    match dockerfile.exposed_port(build.target.as_deref()) {
        ExposedPort::One(port) => port,
        ExposedPort::None => DEFAULT_PORT,
        ExposedPort::Unclear => {
            let message = format!("`{}` exposes no single port, so calls go to port {DEFAULT_PORT}", build.dockerfile);
            findings.push(app.finding(Rule::UnclearPort, &function.place.key("path"), message).help("say which with `port:`"));
            DEFAULT_PORT
        }
    }
}

impl Container {
    /// The files that decide on the image.
    pub(super) fn taken(&self) -> impl Iterator<Item = &TreePath> {
        let dockerfile = self.image.build.as_ref().map(|build| &build.dockerfile);
        let ignore_file = self.context.as_ref().and_then(|context| context.ignore_file.as_ref());
        let nodes = self.context.iter().flat_map(|context| context.nodes.iter().map(|node| &node.path));
        nodes.chain(dockerfile).chain(ignore_file)
    }

    /// Hashes what the image is built from: the last step to what is declared.
    pub(super) fn hash(
        self,
        app: &Application,
        namespace: &Namespace,
        key: &ItemKey,
        tree: &dyn Tree,
        reporter: &dyn Reporter,
    ) -> Result<DesiredFunction, Box<Finding>> {
        let port = Some(u64::from(self.port));
        let function = |code: String, image| {
            let fingerprint = function_fingerprint(DOCKER, port, &code);
            DesiredFunction { runtime: DOCKER.to_owned(), code, port, fingerprint, health: self.health.clone(), image: Some(image) }
        };
        let (Some(build), Some(context)) = (self.image.build, self.context) else {
            return Ok(function(self.image.reference.unwrap_or_default(), ImageSource::Pull));
        };
        let problem = |problems| Box::new(refusal(app, &self.place, &ContextError::Files(problems)));
        let hashes = hashes(&context, tree, reporter).map_err(problem)?;
        let inputs = image::inputs(&context, &hashes, &build.args, build.target.as_deref(), build.platform.as_deref());
        let repository = image::repository(namespace, &key.name);
        let Build { args, target, platform, .. } = build;
        let bases = Dockerfile::parse(&context.recipe.text).base_images();
        let build = ImageBuild { repository, inputs, generation: 0, context, hashes, bases, args, target, platform };
        Ok(function(build.name(), ImageSource::Build(Box::new(build))))
    }
}

fn hashes(
    context: &BuildContext,
    tree: &dyn Tree,
    reporter: &dyn Reporter,
) -> Result<Vec<Option<crate::fingerprint::Fingerprint>>, Vec<FileError>> {
    let size = |kind: &NodeKind| if let NodeKind::File { size, .. } = kind { Some(*size) } else { None };
    let files =
        context.nodes.iter().filter_map(|node| Some(Entry { name: node.name.clone(), path: node.path.clone(), size: size(&node.kind)? }));
    let mut hashed = FileSet::hash(tree, files.collect(), reporter)?.files.into_iter().map(|file| file.fingerprint);
    Ok(context.nodes.iter().map(|node| size(&node.kind).and_then(|_| hashed.next())).collect())
}

/// The Dockerfile and the context are what they should be; what is not is a finding.
fn files_are_there(app: &Application, tree: &dyn Tree, place: &Place, build: &Build, findings: &mut Vec<Finding>) -> bool {
    let before = findings.len();
    let (dockerfile, context) = (place.key("dockerfile"), place.key("context"));
    let mut add = |place: &Place, message: String, help: Option<String>| {
        let finding = app.finding(Rule::MissingFile, place, message);
        findings.push(match help {
            Some(help) => finding.help(help),
            None => finding,
        });
    };
    // A context that is only the Dockerfile's directory is judged with it, and a missing context holds no Dockerfile either.
    if app.declares(&context) {
        let problem = match tree.stat(&build.context) {
            Ok(Stat::Directory) => None,
            Ok(Stat::File(_)) => {
                let help = "name the directory whose files the build may copy".to_owned();
                Some((format!("`{}` is a file; a context is a directory", build.context), Some(help)))
            }
            Err(error) => Some((error.to_string(), missing::help(tree, &error))),
        };
        if let Some((problem, help)) = problem {
            add(&context, problem, help);
            if !app.declares(&dockerfile) {
                return false;
            }
        }
    }
    let place = if app.declares(&dockerfile) { &dockerfile } else { &context };
    match tree.stat(&build.dockerfile) {
        Ok(Stat::File(_)) => {}
        Ok(Stat::Directory) => {
            let help = "name the Dockerfile in it, or give the directory as `context`".to_owned();
            add(place, format!("`{}` is a directory, not a Dockerfile", build.dockerfile), Some(help));
        }
        Err(error) => add(place, error.to_string(), missing::help(tree, &error)),
    }
    findings.len() == before
}

fn refusal(app: &Application, place: &Place, error: &ContextError) -> Finding {
    let rule = match error {
        ContextError::Recipe(_) | ContextError::Directory(_) | ContextError::Files(_) => Rule::MissingFile,
        ContextError::NotText(_)
        | ContextError::Pattern { .. }
        | ContextError::ManyLines(_)
        | ContextError::IgnoreFile(_)
        | ContextError::TooLarge { .. } => Rule::BadContext,
    };
    let keys = [place.key("context"), place.key("dockerfile")];
    let declared = keys.iter().find(|key| app.declares(key)).unwrap_or(place);
    let finding = app.finding(rule, declared, error.to_string());
    match error.help() {
        Some(help) => finding.help(help),
        None => finding,
    }
}
