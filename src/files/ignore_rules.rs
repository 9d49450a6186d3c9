//! What Git ignores, and what a manifest excludes: gitignore patterns by directory.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::{FileError, TreePath};

/// Reads a file of ignore rules: its text, or nothing when there is none. Given by the tree, so that these files too are only read inside it. Rules that
/// cannot be read are an error wherever they count: what they keep out may be a secret.
pub(super) type ReadRules<'a> = dyn Fn(&TreePath) -> Result<Option<String>, FileError> + 'a;

/// The line that makes Git ignore something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoredBy {
    /// The file with the rule, relative to the tree when it lies in it.
    pub file: String,
    /// Its line, from 1; 0 when it is not known.
    pub line: usize,
    /// The pattern as written.
    pub pattern: String,
}

/// Patterns of a manifest's `exclude`, relative to the directory they are used in.
#[derive(Debug, Clone)]
pub struct Excludes(Gitignore);

impl Excludes {
    /// Leaves nothing out.
    #[must_use]
    pub fn none() -> Self {
        Self(Gitignore::empty())
    }

    /// Builds the patterns; the error is the position of the first that is not a gitignore pattern.
    pub fn new(patterns: &[String]) -> Result<Self, usize> {
        let mut builder = GitignoreBuilder::new("");
        for (position, pattern) in patterns.iter().enumerate() {
            builder.add_line(None, pattern).map_err(|_| position)?;
        }
        builder.build().map(Self).map_err(|_| 0)
    }

    /// Whether a name below the directory is left out by itself; its parents are asked on the way down.
    #[must_use]
    pub fn matches(&self, name: &str, is_dir: bool) -> bool {
        self.0.matched(name, is_dir).is_ignore()
    }
}

/// The ignore rules of a working tree: `.gitignore` of every directory, `.git/info/exclude` and the user's own file, the nearest first.
#[derive(Debug)]
pub(super) struct IgnoreRules {
    base: Vec<Arc<Gitignore>>,
    by_directory: RwLock<HashMap<TreePath, Option<Arc<Gitignore>>>>,
    /// Whether a directory, or one above it, is ignored.
    directories: RwLock<HashMap<TreePath, Option<IgnoredBy>>>,
}

impl IgnoreRules {
    /// `exclude_file` is the repository's `info/exclude`, which need not exist.
    pub(super) fn new(exclude_file: Option<&Path>) -> io::Result<Self> {
        let exclude = exclude_file.map(std::fs::read).and_then(|read| match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            read => Some(read.map_err(|error| io::Error::new(error.kind(), format!("what Git ignores by .git/info/exclude: {error}")))),
        });
        let exclude = exclude.transpose()?.and_then(|text| build(".git/info/exclude", &String::from_utf8_lossy(&text)).map(Arc::new));
        let (global, _) = Gitignore::global();
        let base = exclude.into_iter().chain([Arc::new(global)]).filter(|rules| !rules.is_empty()).collect();
        Ok(Self { base, by_directory: RwLock::default(), directories: RwLock::default() })
    }

    /// The rule by which `path` is ignored: its own, or that of a directory above it, below which Git takes nothing back.
    pub(super) fn ignored(&self, path: &TreePath, is_dir: bool, read: &ReadRules<'_>) -> Result<Option<IgnoredBy>, FileError> {
        Ok(self.scope(path.parent().as_ref(), read)?.ignored(path, is_dir))
    }

    /// What holds for everything that lies in `dir`; none for the root itself.
    pub(super) fn scope(&self, dir: Option<&TreePath>, read: &ReadRules<'_>) -> Result<Scope<'_>, FileError> {
        let above = match dir.filter(|dir| !dir.is_root()) {
            Some(dir) => self.directory_ignored(dir, read)?,
            None => None,
        };
        let mut rules = Vec::new();
        for dir in std::iter::successors(dir.cloned(), TreePath::parent) {
            let start = if dir.is_root() { 0 } else { dir.as_str().len() + 1 };
            rules.extend(self.rules_of(&dir, read)?.map(|found| (start, found)));
        }
        Ok(Scope { above, rules, base: &self.base })
    }

    fn directory_ignored(&self, dir: &TreePath, read: &ReadRules<'_>) -> Result<Option<IgnoredBy>, FileError> {
        if let Some(by) = self.directories.read().unwrap_or_else(PoisonError::into_inner).get(dir) {
            return Ok(by.clone());
        }
        let by = self.ignored(dir, true, read)?;
        self.directories.write().unwrap_or_else(PoisonError::into_inner).insert(dir.clone(), by.clone());
        Ok(by)
    }

    fn rules_of(&self, dir: &TreePath, read: &ReadRules<'_>) -> Result<Option<Arc<Gitignore>>, FileError> {
        if let Some(rules) = self.by_directory.read().unwrap_or_else(PoisonError::into_inner).get(dir) {
            return Ok(rules.clone());
        }
        let file = dir.child(".gitignore");
        let rules = read(&file)?.and_then(|text| build(file.as_str(), &text)).map(Arc::new);
        self.by_directory.write().unwrap_or_else(PoisonError::into_inner).insert(dir.clone(), rules.clone());
        Ok(rules)
    }
}

/// The rules for what lies in one directory.
pub(super) struct Scope<'a> {
    /// Why the directory is ignored, and all that is in it.
    above: Option<IgnoredBy>,
    /// Those of the directory and the ones above it, the nearest first, each with where the part of a path begins that it is asked about.
    rules: Vec<(usize, Arc<Gitignore>)>,
    base: &'a [Arc<Gitignore>],
}

impl Scope<'_> {
    /// The rule by which an entry of the directory is ignored.
    pub(super) fn ignored(&self, path: &TreePath, is_dir: bool) -> Option<IgnoredBy> {
        if self.above.is_some() {
            return self.above.clone();
        }
        let nearest = self.rules.iter().map(|(start, rules)| verdict(rules, &path.as_str()[*start..], is_dir));
        let mut verdicts = nearest.chain(self.base.iter().map(|rules| verdict(rules, path.as_str(), is_dir)));
        verdicts.find_map(|verdict| match verdict {
            Verdict::Silent => None,
            Verdict::Taken => Some(None),
            Verdict::Ignored(by) => Some(Some(by)),
        })?
    }
}

fn build(file: &str, text: &str) -> Option<Gitignore> {
    let mut builder = GitignoreBuilder::new("");
    for (number, line) in text.lines().enumerate() {
        // A line Git itself cannot use ignores nothing there either. The origin carries the line number, which the matcher does not keep.
        let _ = builder.add_line(Some(PathBuf::from(format!("{file}:{}", number + 1))), line);
    }
    builder.build().ok().filter(|rules| !rules.is_empty())
}

enum Verdict {
    /// No pattern matches.
    Silent,
    /// A `!` pattern takes it back.
    Taken,
    Ignored(IgnoredBy),
}

fn verdict(rules: &Gitignore, path: &str, is_dir: bool) -> Verdict {
    match rules.matched(path, is_dir) {
        Match::None => Verdict::Silent,
        Match::Whitelist(_) => Verdict::Taken,
        Match::Ignore(glob) => {
            let origin = glob.from().map(|from| from.to_string_lossy().into_owned()).unwrap_or_default();
            let split = origin.rsplit_once(':').and_then(|(file, line)| Some((file.to_owned(), line.parse().ok()?)));
            let (file, line) = split.unwrap_or((origin, 0));
            Verdict::Ignored(IgnoredBy { file, line, pattern: glob.original().to_owned() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> TreePath {
        TreePath::root().join(text).expect("a path")
    }

    #[test]
    fn the_nearest_rule_wins_and_is_named_with_its_line() {
        let files = HashMap::from([(".gitignore", "# notes\n*.log\n/dist/\n"), ("keep/.gitignore", "!important.log\n")]);
        let read = |file: &TreePath| Ok(files.get(file.as_str()).map(|text| (*text).to_owned()));
        let rules = IgnoreRules::new(None).expect("rules");
        let ignored = |name: &str, is_dir| rules.ignored(&path(name), is_dir, &read).expect("readable rules");
        let by = ignored("dist", true).expect("ignored");
        assert_eq!((by.file.as_str(), by.line, by.pattern.as_str()), (".gitignore", 3, "/dist/"));
        assert!(ignored("sub/dist", true).is_none(), "anchored to the root");
        assert!(ignored("dist/js/app.js", false).is_some(), "below an ignored directory");
        assert!(ignored("keep/a.log", false).is_some());
        assert!(ignored("keep/important.log", false).is_none());
    }

    #[test]
    fn excludes_follow_gitignore_syntax() {
        let excludes = Excludes::new(&["*.map".to_owned(), "/drafts/".to_owned()]).expect("patterns");
        assert!(excludes.matches("js/app.js.map", false));
        assert!(excludes.matches("drafts", true));
        assert!(!excludes.matches("js/drafts", true));
        assert_eq!(Excludes::new(&["ok".to_owned(), "[z-a]".to_owned()]).err(), Some(1));
    }
}
