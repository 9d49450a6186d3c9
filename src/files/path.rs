//! Paths inside a tree: relative to its root, `/` between names, never climbing out.

use std::fmt;

use serde::Serialize;
use thiserror::Error;

use super::is_private_name;
use crate::key::printable;

/// A normalised path relative to the root of a tree; the root itself is the empty path.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct TreePath(String);

/// Why a text is not a path inside the tree.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PathError {
    /// Nothing at all.
    #[error("is empty")]
    Empty,
    /// Absolute, a home directory, a drive or a URL.
    #[error("must be relative to the manifest's directory")]
    NotRelative,
    /// More `..` than there are directories.
    #[error("leads out of the repository")]
    Climbs,
    /// A character no path of a repository should have.
    #[error("has a control character")]
    Control,
}

impl TreePath {
    /// The root of the tree.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// Takes `relative` from here: `.` and `..` are resolved by name, and may climb as far as the root of the tree.
    pub fn join(&self, relative: &str) -> Result<Self, PathError> {
        let mut letters = relative.chars();
        let drive = letters.next().is_some_and(|c| c.is_ascii_alphabetic()) && letters.next() == Some(':');
        if relative.is_empty() {
            return Err(PathError::Empty);
        }
        if relative.chars().any(char::is_control) {
            return Err(PathError::Control);
        }
        if relative.starts_with(['/', '~', '\\']) || drive || relative.contains("://") || relative.starts_with("file:") {
            return Err(PathError::NotRelative);
        }
        let mut names: Vec<&str> = self.names().collect();
        for name in relative.split('/') {
            match name {
                "" | "." => {}
                ".." => drop(names.pop().ok_or(PathError::Climbs)?),
                name => names.push(name),
            }
        }
        Ok(Self(names.join("/")))
    }

    /// One more name, as a listing gave it.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        if self.0.is_empty() { Self(name.to_owned()) } else { Self(format!("{}/{name}", self.0)) }
    }

    /// The directory it lies in; none for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        if self.0.is_empty() {
            return None;
        }
        Some(Self(self.0.rsplit_once('/').map(|(dir, _)| dir.to_owned()).unwrap_or_default()))
    }

    /// What is left of it below `dir`, which it lies in.
    #[must_use]
    pub fn below(&self, dir: &Self) -> &str {
        self.0.strip_prefix(dir.as_str()).unwrap_or(&self.0).trim_start_matches('/')
    }

    /// Its names from the root down.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|name| !name.is_empty())
    }

    /// As text without a leading `/`; the root is empty.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the root.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any name on the way belongs to Git's or our own data.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.names().any(is_private_name)
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str(".") } else { f.write_str(&printable(&self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_climb_to_the_root_and_no_further() {
        let app = TreePath::root().join("apps/web").expect("a plain path");
        assert_eq!(app.join("../shared/x.lua").expect("inside").as_str(), "apps/shared/x.lua");
        assert_eq!(app.join("./a//b/./c/").expect("inside").as_str(), "apps/web/a/b/c");
        assert_eq!(app.join("../..").expect("the root"), TreePath::root());
        assert_eq!(app.join("../../.."), Err(PathError::Climbs));
    }

    #[test]
    fn absolute_paths_of_any_kind_are_refused() {
        for bad in ["/etc/passwd", "~/x", "C:\\x", "C:/x", "file:///etc/passwd", "file:x", "https://h/x", "\\\\host\\x"] {
            assert_eq!(TreePath::root().join(bad), Err(PathError::NotRelative), "{bad}");
        }
        assert_eq!(TreePath::root().join(""), Err(PathError::Empty));
        assert_eq!(TreePath::root().join("a\nb"), Err(PathError::Control));
    }

    #[test]
    fn git_data_is_private_in_any_case() {
        for private in [".git/config", "a/.GIT", ".zerverless/x"] {
            assert!(TreePath::root().join(private).expect("a path").is_private(), "{private}");
        }
        assert!(!TreePath::root().join(".gitignore").expect("a path").is_private());
    }
}
