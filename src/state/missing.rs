//! What to do about a file that a manifest names and that cannot be taken.

use crate::files::{Excludes, FileError, Filter, Tree, TreePath};

/// Says which file was most likely meant.
pub(super) fn help(tree: &dyn Tree, error: &FileError) -> Option<String> {
    match error {
        FileError::NotFound(path) if error.help().is_none() => Some(match near(tree, path) {
            Some(other) => format!("did you mean `{other}`?"),
            None => "create it, or correct the path: it is relative to the directory of the manifest".to_owned(),
        }),
        FileError::NotAFile { what: "a directory", .. } => Some("name a file in it".to_owned()),
        _ => error.help().map(str::to_owned),
    }
}

/// The file of the same directory whose name is nearest to that of `path`.
fn near(tree: &dyn Tree, path: &TreePath) -> Option<TreePath> {
    let excludes = Excludes::new(&["*/".to_owned()]).ok()?;
    let listing = tree.list(&path.parent()?, &Filter { excludes: &excludes, include_ignored: false }).ok()?;
    let wanted = path.names().last()?.to_lowercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&wanted, &name.to_lowercase());
    let near = listing.entries.iter().filter(|entry| distance(&entry.name) <= wanted.len() / 4);
    near.min_by_key(|entry| distance(&entry.name)).map(|entry| entry.path.clone())
}
