//! Walking a directory on disk: what is taken, what is left out, and what cannot be taken. Directories are read side by side.

use cap_std::fs::Dir;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rustix::fs::AtFlags;
use walkdir::{DirEntry, WalkDir};

use super::directory::DirectoryTree;
use super::ignore_rules::Scope;
use super::{Entry, FileError, Filter, Listing, Stat, Tree, TreePath, is_private_name};

/// Links through links: more than this is taken for a ring.
const MAX_LINK_DEPTH: usize = 16;

/// A directory while its entries are looked at.
struct Here<'a> {
    handle: Dir,
    /// None: what Git ignores is taken as well.
    ignored: Option<Scope<'a>>,
}

/// A directory of a walk.
struct Visited<'a> {
    /// Where it really is.
    real: TreePath,
    /// What the names in it start with.
    prefix: String,
    filter: &'a Filter<'a>,
    /// The start, and directories that were entered through a link to get here.
    above: Vec<TreePath>,
}

/// An entry of a directory that is taken.
enum Taken<'a> {
    File(Entry),
    /// To go down into.
    Directory(Visited<'a>),
}

impl<'a> Taken<'a> {
    fn name(&self) -> &str {
        match self {
            Self::File(entry) => &entry.name,
            Self::Directory(dir) => &dir.prefix,
        }
    }

    fn directory(&self) -> Option<&Visited<'a>> {
        match self {
            Self::File(_) => None,
            Self::Directory(dir) => Some(dir),
        }
    }
}

impl DirectoryTree {
    /// Every file below `real`, with its size, and everything that cannot be taken.
    pub(super) fn walk(&self, real: &TreePath, filter: &Filter<'_>) -> Listing {
        self.visit(&Visited { real: real.clone(), prefix: String::new(), filter, above: vec![real.clone()] })
    }

    /// Sorted without comparing whole names: what lies in a directory comes where the directory's own name, with its slash, has its place.
    fn visit(&self, dir: &Visited<'_>) -> Listing {
        let (mut listing, mut taken) = (Listing::default(), Vec::new());
        let here = match self.here(dir) {
            Ok(here) => here,
            Err(problem) => {
                listing.problems.push(problem);
                return listing;
            }
        };
        for found in WalkDir::new(self.root.join(dir.real.as_str())).min_depth(1).max_depth(1) {
            let found = match found {
                Ok(found) => self.take(dir, &here, &found),
                Err(error) => Err(FileError::Io { path: dir.real.clone(), source: error.into() }),
            };
            match found {
                Ok(found) => taken.extend(found),
                Err(problem) => listing.problems.push(problem),
            }
        }
        taken.sort_by(|a, b| a.name().cmp(b.name()));
        let below: Vec<&Visited<'_>> = taken.iter().filter_map(Taken::directory).collect();
        let mut below = below.into_par_iter().map(|dir| self.visit(dir)).collect::<Vec<Listing>>().into_iter();
        for found in taken {
            match found {
                Taken::File(entry) => listing.entries.push(entry),
                Taken::Directory(_) => {
                    let Listing { entries, problems } = below.next().unwrap_or_default();
                    listing.entries.extend(entries);
                    listing.problems.extend(problems);
                }
            }
        }
        listing
    }

    fn here(&self, dir: &Visited<'_>) -> Result<Here<'_>, FileError> {
        let handle = self.handle(&dir.real).map_err(|source| FileError::Io { path: dir.real.clone(), source })?;
        let ignored = (!dir.filter.include_ignored).then(|| self.ignore_scope(&dir.real)).transpose()?;
        Ok(Here { handle, ignored })
    }

    /// Takes one entry of a directory, if it is to be taken.
    fn take<'a>(&self, dir: &Visited<'a>, here: &Here<'_>, found: &DirEntry) -> Result<Option<Taken<'a>>, FileError> {
        let Some(file_name) = found.file_name().to_str() else {
            let shown = format!("{}{}", dir.prefix, found.file_name().to_string_lossy());
            return Err(FileError::NotUtf8(crate::key::printable(&shown).into_owned()));
        };
        let (path, name) = (dir.real.child(file_name), format!("{}{file_name}", dir.prefix));
        let kind = found.file_type();
        let leaves_out = || here.ignored.as_ref().is_some_and(|rules| self.leaves_out(rules, &path, kind.is_dir()));
        if is_private_name(file_name) || dir.filter.excludes.matches(&name, kind.is_dir()) || leaves_out() {
            return Ok(None);
        }
        if self.tracked.submodules.contains(path.as_str()) {
            return Err(FileError::Submodule(path));
        }
        if kind.is_dir() {
            let below = Visited { real: path, prefix: format!("{name}/"), filter: dir.filter, above: dir.above.clone() };
            return Ok(Some(Taken::Directory(below)));
        }
        if kind.is_symlink() {
            return self.take_link(dir, path, name).map(Some);
        }
        if !kind.is_file() {
            return Err(FileError::NotAFile { path, what: "a FIFO, socket or device" });
        }
        match rustix::fs::statat(&here.handle, file_name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(Taken::File(Entry { name, path, size: u64::try_from(stat.st_size).unwrap_or_default() }))),
            Err(error) => Err(FileError::Io { path, source: error.into() }),
        }
    }

    fn take_link<'a>(&self, dir: &Visited<'a>, path: TreePath, name: String) -> Result<Taken<'a>, FileError> {
        let real = self.resolve(&path)?;
        if let Stat::File(size) = self.stat(&real)? {
            return Ok(Taken::File(Entry { name, path: real, size }));
        }
        let ring = dir.above.contains(&real) || dir.above.len() > MAX_LINK_DEPTH || real.is_root();
        if ring || path.as_str().starts_with(&format!("{}/", real.as_str())) {
            return Err(FileError::Loop(path));
        }
        let above = dir.above.iter().cloned().chain([real.clone()]).collect();
        Ok(Taken::Directory(Visited { real, prefix: format!("{name}/"), filter: dir.filter, above }))
    }

    /// What Git ignores is left out, unless it is tracked all the same.
    pub(super) fn leaves_out(&self, rules: &Scope<'_>, path: &TreePath, is_dir: bool) -> bool {
        let is_tracked = || if is_dir { self.tracked.any_below(path) } else { self.tracked.has_file(path) };
        rules.ignored(path, is_dir).is_some() && !is_tracked()
    }
}
