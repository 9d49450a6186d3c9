//! From an application and a tree to what is declared: everything the manifest names is looked at, and every problem is found at once.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};

use unicode_normalization::UnicodeNormalization;

use super::container::{self, Container};
use super::desired::{Desired, DesiredFile, DesiredFunction};
use super::{code, code_rules, site_rules};
use crate::event::Reporter;
use crate::files::{Entry, FileError, FileSet, Filter, Tree, TreePath};
use crate::key::{AppId, ItemKey, printable};
use crate::live::function_fingerprint;
use crate::manifest::{self, Application, Content, Finding, Place, Rule, Static};

/// What a manifest names, read as far as a check needs: code in full, static files by name and size.
#[derive(Debug)]
pub struct Contents {
    functions: BTreeMap<ItemKey, DesiredFunction>,
    files: BTreeMap<ItemKey, Entry>,
    mirrored: Option<String>,
    containers: BTreeMap<ItemKey, Container>,
}

impl Contents {
    /// How many functions and static files there are.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.functions.len() + self.containers.len(), self.files.len())
    }

    /// Everything that is declared.
    pub fn keys(&self) -> impl Iterator<Item = &ItemKey> {
        self.functions.keys().chain(self.containers.keys()).chain(self.files.keys())
    }

    /// The code of a function, when it could be read.
    pub(super) fn code(&self, key: &ItemKey) -> Option<&str> {
        self.functions.get(key).map(|function| function.code.as_str())
    }

    /// The static files.
    pub(super) fn files(&self) -> &BTreeMap<ItemKey, Entry> {
        &self.files
    }
}

/// Reads what `app` names. Findings come into the order of the manifest; with an error among them the contents are not complete.
pub fn collect(app: &Application, tree: &dyn Tree, findings: &mut Vec<Finding>) -> Contents {
    let mut contents = Contents { functions: BTreeMap::new(), files: BTreeMap::new(), mirrored: None, containers: BTreeMap::new() };
    for function in &app.functions {
        match &function.content {
            Content::Code(runtime, source) => {
                let Some(code) = code::read(app, tree, function, source, findings) else { continue };
                let runtime = runtime.as_str().to_owned();
                let fingerprint = function_fingerprint(&runtime, None, &code);
                let health = function.health.clone();
                let desired = DesiredFunction { runtime, code, port: None, fingerprint, health, image: None };
                contents.functions.insert(function.key.clone(), desired);
            }
            Content::Docker(image) => {
                let container = container::collect(app, tree, function, image, findings);
                contents.containers.extend(container.map(|container| (function.key.clone(), container)));
            }
        }
    }
    if let Some(site) = &app.site {
        contents.mirrored = Some(site.prefix.clone());
        contents.files = list_site(app, tree, site, findings);
    }
    code_rules::check(app, tree, &contents, findings);
    manifest::sort(findings, app.path());
    contents
}

/// What a check can find beyond [`collect`] without hashing: LFS pointers among the small files.
pub fn check(app: &Application, tree: &dyn Tree, contents: &Contents, findings: &mut Vec<Finding>) {
    add_problems(app, FileSet::find_lfs_pointers(tree, contents.files.values()), findings);
    code_rules::hints(app, tree, findings);
    site_rules::check(app, contents, findings);
}

impl Contents {
    /// Whether there are Docker functions.
    #[must_use]
    pub fn has_containers(&self) -> bool {
        !self.containers.is_empty()
    }

    /// Leaves out the Docker functions; their paths.
    pub fn leave_out_containers(&mut self) -> Vec<ItemKey> {
        std::mem::take(&mut self.containers).into_keys().collect()
    }

    /// The files that decide on images.
    pub fn image_files(&self) -> impl Iterator<Item = &TreePath> {
        self.containers.values().flat_map(Container::taken)
    }

    /// Hashes static files and build contexts: the last step to what is declared. `id` may name another namespace than the manifest.
    pub fn hash(self, app: &Application, id: AppId, tree: &dyn Tree, reporter: &dyn Reporter) -> Result<Desired, Vec<Finding>> {
        let (keys, entries): (Vec<ItemKey>, Vec<Entry>) = self.files.into_iter().unzip();
        let set = FileSet::hash(tree, entries, reporter).map_err(|problems| {
            let mut findings = Vec::new();
            add_problems(app, problems, &mut findings);
            findings
        })?;
        let file = |hashed: crate::files::HashedFile| DesiredFile {
            path: hashed.entry.path,
            size: hashed.entry.size,
            fingerprint: hashed.fingerprint,
            content: hashed.content,
        };
        let files = keys.into_iter().zip(set.files.into_iter().map(file)).collect();
        let mut functions = self.functions;
        for (key, container) in self.containers {
            let function = container.hash(app, &id.namespace, &key, tree, reporter).map_err(|finding| vec![*finding])?;
            functions.insert(key, function);
        }
        Ok(Desired { app: id, functions, files, mirrored: self.mirrored })
    }
}

fn dir_place() -> Place {
    Place::new("spec.static.dir")
}

/// Many files can have one problem; each is named, up to a number that people still read.
const SHOWN: usize = 20;

fn add_problems(app: &Application, problems: Vec<FileError>, findings: &mut Vec<Finding>) {
    let more = problems.len().saturating_sub(SHOWN);
    for problem in problems.into_iter().take(SHOWN) {
        let help = problem.help().unwrap_or("correct it, or leave it out with `exclude`");
        findings.push(app.finding(file_rule(&problem), &dir_place(), problem.to_string()).help(help));
    }
    if more > 0 {
        findings.push(app.finding(Rule::MissingFile, &dir_place(), format!("{more} more files have problems of this kind")));
    }
}

fn file_rule(problem: &FileError) -> Rule {
    match problem {
        FileError::NotUtf8(_) => Rule::BadFileName,
        _ => Rule::MissingFile,
    }
}

fn list_site(app: &Application, tree: &dyn Tree, site: &Static, findings: &mut Vec<Finding>) -> BTreeMap<ItemKey, Entry> {
    let mut fail = |rule, message: String, help: &str| findings.push(app.finding(rule, &dir_place(), message).help(help));
    match (site.include_ignored, tree.ignored(&site.dir)) {
        (_, Err(error)) => {
            fail(Rule::MissingFile, error.to_string(), error.help().unwrap_or("name an existing directory of the repository"));
            return BTreeMap::new();
        }
        (false, Ok(Some(by))) => {
            let line = if by.line > 0 { format!(" line {}", by.line) } else { String::new() };
            let message = format!("Git ignores `{}` by `{}` in {}{line}", site.dir, printable(&by.pattern), printable(&by.file));
            fail(Rule::IgnoredDirectory, message, "add `includeIgnored: true` to take what is built into it, or change the ignore rule");
            return BTreeMap::new();
        }
        (true, Ok(_)) | (false, Ok(None)) => {}
    }
    let filter = Filter { excludes: &site.exclude, include_ignored: site.include_ignored };
    let listing = match tree.list(&site.dir, &filter) {
        Ok(listing) => listing,
        Err(error) => {
            fail(Rule::MissingFile, error.to_string(), error.help().unwrap_or("name an existing directory of the repository"));
            return BTreeMap::new();
        }
    };
    add_problems(app, listing.problems, findings);
    let (mut files, mut refused) = (Vec::with_capacity(listing.entries.len()), 0);
    for entry in listing.entries {
        match ItemKey::static_file(format!("{}{}", site.prefix, entry.name)) {
            Ok(key) => files.push((key, entry)),
            Err(_) if refused >= SHOWN => refused += 1,
            Err(error) => {
                refused += 1;
                let message = format!("the file name `{}` {error}", printable(&entry.name));
                findings.push(app.finding(Rule::BadFileName, &dir_place(), message).help("rename it, or leave it out with `exclude`"));
            }
        }
    }
    if refused > SHOWN {
        let message = format!("{} more file names cannot be stored", refused - SHOWN);
        findings.push(app.finding(Rule::BadFileName, &dir_place(), message));
    }
    // Built at once, in the order that the listing has.
    let files = files.into_iter().collect();
    warn_of_twins(app, &files, findings);
    files
}

/// Names that differ only in case or in how an accent is composed: they are two files here and one on some file systems.
fn warn_of_twins(app: &Application, files: &BTreeMap<ItemKey, Entry>, findings: &mut Vec<Finding>) {
    let hash = RandomState::new();
    let mut seen: HashMap<u64, &str> = HashMap::with_capacity(files.len());
    for key in files.keys() {
        let name = key.name.as_str();
        // Equal hashes are a hint; names are folded to be compared, and for most there is nothing to compare them with.
        if let Some(twin) = seen.insert(folded_hash(&hash, name), name).filter(|twin| fold(twin) == fold(name)) {
            let message = format!("`{}` and `{}` are one name on some file systems", printable(twin), printable(name));
            findings.push(app.finding(Rule::TwinNames, &dir_place(), message).help("rename one of them"));
        }
    }
}

fn fold(name: &str) -> String {
    if name.is_ascii() { name.to_ascii_lowercase() } else { name.nfc().collect::<String>().to_lowercase() }
}

fn folded_hash(hash: &RandomState, name: &str) -> u64 {
    if !name.is_ascii() {
        return hash.hash_one(fold(name).as_bytes());
    }
    let mut folded = [0; 256];
    let Some(short) = folded.get_mut(..name.len()) else { return hash.hash_one(fold(name).as_bytes()) };
    short.copy_from_slice(name.as_bytes());
    short.make_ascii_lowercase();
    hash.hash_one(&*short)
}
