//! Walking a directory on disk: what is taken, what is left out, and what cannot be taken.

use std::path::Path;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use walkdir::{DirEntry, WalkDir};

use super::directory::DirectoryTree;
use super::path::is_private_name;
use super::{Entry, FileError, Filter, Listing, Stat, Tree, TreePath};

/// Links through links: more than this is taken for a ring.
const MAX_LINK_DEPTH: usize = 16;

/// The directory a walk is in.
struct Below<'a> {
    real: TreePath,
    prefix: String,
    filter: &'a Filter<'a>,
    /// Directories that were entered through a link to get here.
    above: Vec<TreePath>,
}

#[derive(PartialEq, Eq)]
enum Visit {
    Next,
    /// Not taken; if it is a directory, nothing below it either.
    Skip,
}

impl DirectoryTree {
    /// Every file below `real`, with its size, and everything that cannot be taken.
    pub(super) fn walk_all(&self, real: &TreePath, filter: &Filter<'_>, listing: &mut Listing) {
        self.walk(&Below { real: real.clone(), prefix: String::new(), filter, above: vec![real.clone()] }, listing);
        self.measure(listing);
    }

    /// Whether an entry is taken, or gone down into.
    fn takes(&self, below: &Below<'_>, name: &str, path: &TreePath, is_dir: bool) -> bool {
        if below.filter.excludes.matches(name, is_dir) {
            return false;
        }
        let tracked = || if is_dir { self.tracked.any_below(path) } else { self.tracked.has_file(path) };
        below.filter.include_ignored || self.ignored_by(path, is_dir).is_none() || tracked()
    }

    /// Lists `below.real` under the names that start with `below.prefix`.
    fn walk(&self, below: &Below<'_>, listing: &mut Listing) {
        let start = self.root.join(below.real.as_str());
        let mut walk = WalkDir::new(&start).min_depth(1).follow_links(false).into_iter();
        while let Some(next) = walk.next() {
            let entry = match next {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().and_then(|path| path.strip_prefix(&self.root).ok()).map(lossy).unwrap_or_default();
                    listing.problems.push(FileError::Io { path, source: error.into() });
                    continue;
                }
            };
            let is_dir = entry.file_type().is_dir();
            if self.visit(below, &start, &entry, listing) == Visit::Skip && is_dir {
                walk.skip_current_dir();
            }
        }
    }

    fn visit(&self, below: &Below<'_>, start: &Path, found: &DirEntry, listing: &mut Listing) -> Visit {
        let relative = found.path().strip_prefix(start).unwrap_or(found.path());
        let Some(relative) = relative.to_str() else {
            listing.problems.push(FileError::NotUtf8(crate::key::printable(&relative.to_string_lossy()).into_owned()));
            return Visit::Skip;
        };
        let path = below.real.child(relative);
        let name = format!("{}{relative}", below.prefix);
        let (kind, is_dir) = (found.file_type(), found.file_type().is_dir());
        if found.file_name().to_str().is_some_and(is_private_name) || !self.takes(below, &name, &path, is_dir) {
            return Visit::Skip;
        }
        if self.tracked.submodules.contains(path.as_str()) {
            listing.problems.push(FileError::Submodule(path));
            return Visit::Skip;
        }
        if kind.is_symlink() {
            if let Err(problem) = self.visit_link(below, &path, name, listing) {
                listing.problems.push(problem);
            }
        } else if kind.is_file() {
            listing.entries.push(Entry { name, path, size: 0 });
        } else if !is_dir {
            listing.problems.push(FileError::NotAFile { path, what: "a FIFO, socket or device" });
        }
        Visit::Next
    }

    fn visit_link(&self, below: &Below<'_>, path: &TreePath, name: String, listing: &mut Listing) -> Result<(), FileError> {
        let real = self.resolve(path)?;
        match self.stat(&real)? {
            Stat::File(size) => listing.entries.push(Entry { name, path: real, size }),
            Stat::Directory => {
                let ring = below.above.contains(&real) || below.above.len() > MAX_LINK_DEPTH;
                if ring || path.as_str().starts_with(&format!("{}/", real.as_str())) || real.is_root() {
                    return Err(FileError::Loop(path.clone()));
                }
                let mut above = below.above.clone();
                above.push(real.clone());
                self.walk(&Below { real, prefix: format!("{name}/"), filter: below.filter, above }, listing);
            }
        }
        Ok(())
    }

    /// The sizes of listed files, on all cores. A file that vanished meanwhile is a problem.
    fn measure(&self, listing: &mut Listing) {
        let measured: Vec<Result<Entry, FileError>> = std::mem::take(&mut listing.entries)
            .into_par_iter()
            .map(|entry| match rustix::fs::statat(&self.dir, entry.path.as_str(), rustix::fs::AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => Ok(Entry { size: u64::try_from(stat.st_size).unwrap_or_default(), ..entry }),
                Err(error) => Err(FileError::Io { path: entry.path, source: error.into() }),
            })
            .collect();
        for result in measured {
            match result {
                Ok(entry) => listing.entries.push(entry),
                Err(problem) => listing.problems.push(problem),
            }
        }
    }
}

fn lossy(path: &Path) -> TreePath {
    path.to_string_lossy().split('/').fold(TreePath::root(), |dir, name| dir.child(name))
}
