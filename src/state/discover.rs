//! What lies in a directory that an application could be made of: functions, images and a directory of static files.
//!
//! Only what is certain is proposed: code with a `handle` that the server can call, Dockerfiles, directories with an `index.html` or a usual name.

use std::collections::BTreeSet;

use crate::files::{Entry, Excludes, FileError, Filter, Stat, Tree, TreePath};
use crate::key::ItemKey;
use crate::manifest::{Proposal, ProposedFunction, ProposedSite, Runtime};
use crate::syntax::{self, Handle, Language};

/// Names that people give the directory of their static files, the most telling first.
const SITES: [&str; 10] = ["static", "public", "dist", "site", "www", "build", "out", "_site", "htdocs", "docs"];
/// What builds write, and Git often ignores.
const BUILT: [&str; 5] = ["dist", "build", "public", "out", "_site"];
/// Where nobody keeps functions.
const ELSEWHERE: [&str; 8] = ["node_modules", "vendor", "target", "test", "tests", "spec", "__tests__", "__pycache__"];
/// Directories that only say what their files are.
const HOLDERS: [&str; 5] = ["functions", "function", "src", "lambdas", "handlers"];
/// Files that stand for their directory.
const INDEXES: [&str; 4] = ["index", "main", "handler", "__init__"];
const DOCKERFILE: &str = "Dockerfile";

/// Looks through the directory `dir` of `tree`; `name` is what the application is called.
pub fn discover(tree: &dyn Tree, dir: &TreePath, name: &str) -> Result<Proposal, FileError> {
    let nothing = Excludes::none();
    let listing = tree.list(dir, &Filter { excludes: &nothing, include_ignored: false })?;
    let entries: Vec<&Entry> = listing.entries.iter().filter(|entry| is_own(&entry.name)).collect();
    let dockerfiles: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).filter(|name| split(name).1 == DOCKERFILE).collect();
    let contexts: Vec<&str> = dockerfiles.iter().map(|file| split(file).0).filter(|dir| !dir.is_empty()).collect();
    let mut sites = sites(tree, dir, &entries);
    sites.retain(|site| !contexts.iter().any(|context| is_below(&site.dir, context)));
    let mut proposal = Proposal::default();
    for file in &dockerfiles {
        let path = format!("/{}", if split(file).0.is_empty() { name } else { split(file).0 });
        propose(&mut proposal, path, (*file).to_owned(), None);
    }
    for entry in &entries {
        let taken = contexts.iter().copied().chain(sites.iter().map(|site| site.dir.as_str())).any(|dir| is_below(&entry.name, dir));
        if !taken && let Some((runtime, language)) = runtime(&entry.name) {
            code(tree, entry, runtime, language, &mut proposal);
        }
    }
    proposal.functions.sort_by(|one, other| one.path.cmp(&other.path));
    let mut sites = sites.into_iter();
    proposal.site = sites.next();
    proposal.other_sites = sites.map(|site| site.dir).collect();
    Ok(proposal)
}

/// Hidden files and those of others are no part of an application.
fn is_own(name: &str) -> bool {
    !name.split('/').any(|part| part.starts_with('.') || ELSEWHERE.contains(&part)) && !name.chars().any(char::is_control)
}

/// Directory and file.
fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('/').unwrap_or(("", name))
}

fn is_below(name: &str, dir: &str) -> bool {
    name == dir || name.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'))
}

/// Directories that could hold the static files, the likeliest first.
fn sites(tree: &dyn Tree, dir: &TreePath, entries: &[&Entry]) -> Vec<ProposedSite> {
    let mut found: BTreeSet<&str> = entries
        .iter()
        .map(|entry| split(&entry.name))
        .filter(|(dir, file)| !dir.is_empty() && *file == "index.html")
        .map(|(dir, _)| dir)
        .collect();
    // Without a page, only the two names that mean nothing else count.
    found.extend(SITES[..2].iter().copied().filter(|name| entries.iter().any(|entry| is_below(&entry.name, name))));
    let inner: Vec<&str> = found.iter().copied().filter(|one| found.iter().any(|other| one != other && is_below(one, other))).collect();
    found.retain(|dir| !inner.contains(dir));
    let mut sites: Vec<ProposedSite> = found.into_iter().map(|dir| ProposedSite { dir: dir.to_owned(), ignored: false }).collect();
    for name in BUILT {
        let page = dir.child(name).child("index.html");
        if !sites.iter().any(|site| site.dir == name) && matches!(tree.stat(&page), Ok(Stat::File(_))) {
            let ignored = tree.ignored(&dir.child(name)).is_ok_and(|rule| rule.is_some());
            sites.push(ProposedSite { dir: name.to_owned(), ignored });
        }
    }
    let rank = |site: &ProposedSite| SITES.iter().position(|name| split(&site.dir).1 == *name).unwrap_or(SITES.len());
    sites.sort_by_key(|site| (site.dir.matches('/').count(), rank(site)));
    sites
}

fn runtime(name: &str) -> Option<(Runtime, Language)> {
    match name.rsplit_once('.')?.1 {
        "lua" => Some((Runtime::Lua, Language::Lua)),
        "js" => Some((Runtime::JavaScript, Language::JavaScript)),
        "py" => Some((Runtime::Python, Language::Python)),
        _ => None,
    }
}

/// Proposes the file when it defines what the server calls.
fn code(tree: &dyn Tree, entry: &Entry, runtime: Runtime, language: Language, proposal: &mut Proposal) {
    let Some(text) = tree.read(&entry.path, syntax::LONGEST as u64).ok().and_then(|bytes| String::from_utf8(bytes).ok()) else { return };
    // What is read cannot tell a Python script from a function: only one that handles something is meant.
    if !text.contains("handle") {
        return;
    }
    let reading = syntax::read(&[(language, text.trim_start_matches('\u{feff}'))]).and_then(|mut readings| readings.pop());
    let why = match reading {
        Some(Ok(outline)) if outline.last_return.is_some() => "it ends with a `return` outside of every function".to_owned(),
        Some(Ok(outline)) => match outline.handle {
            Handle::There | Handle::NeverCalled(_) => {
                let stem = entry.name.rsplit_once('.').map_or(entry.name.as_str(), |(stem, _)| stem);
                return propose(proposal, path_of(stem), entry.name.clone(), Some(runtime));
            }
            // Code of something else, or a module that functions use.
            Handle::Missing(_) => return,
        },
        Some(Err(mistake)) => format!("line {}: {}", text[..mistake.span.start].matches('\n').count() + 1, mistake.message),
        None => return,
    };
    proposal.left_out.push((entry.name.clone(), why));
}

/// `functions/api/greet` → `/api/greet`.
fn path_of(stem: &str) -> String {
    let mut names: Vec<&str> = stem.split('/').collect();
    if names.len() > 1 && HOLDERS.contains(&names[0]) {
        names.remove(0);
    }
    if names.len() > 1 && names.last().is_some_and(|last| INDEXES.contains(last)) {
        names.pop();
    }
    format!("/{}", names.join("/"))
}

fn propose(proposal: &mut Proposal, path: String, file: String, runtime: Option<Runtime>) {
    if let Err(error) = TreePath::root().join(&file) {
        proposal.left_out.push((file, format!("a manifest cannot name it: it {error}")));
    } else if let Err(error) = ItemKey::function(&path) {
        proposal.left_out.push((file, format!("its path {error}")));
    } else if let Some(other) = proposal.functions.iter().find(|other| other.path == path) {
        proposal.left_out.push((file, format!("{} has its path {path} already", other.file)));
    } else {
        proposal.functions.push(ProposedFunction { path, file, runtime });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_answers_where_its_name_says() {
        for (stem, path) in
            [("functions/api/greet", "/api/greet"), ("hello", "/hello"), ("src/index", "/index"), ("api/users/index", "/api/users")]
        {
            assert_eq!(path_of(stem), path);
        }
    }
}
