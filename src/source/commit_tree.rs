//! The files of one commit, read from Git's objects: nothing is checked out, so no hook and no filter runs, and no link is ever followed by a file system.
//!
//! What a commit holds is untrusted: an entry may have any name, a link may point anywhere, a tree may hold itself a million times. Names are
//! checked, links are resolved by name inside the tree, and what is listed is counted.

mod items;
mod nodes;
mod walk;

use std::collections::HashMap;
use std::io::{self, Read, Seek, Write};
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use git2::Oid;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use items::{Items, Kind};
use walk::{Found, Visited, Walk};

use super::fingerprints::{Fingerprints, Known};
use super::lfs::{Lfs, Pointer};
use super::objects::{ObjectError, Objects};
use crate::files::{
    Entry, FileError, Filter, Hashed, IgnoredBy, Listing, Nodes, Opened, Skip, Stat, Tree, TreePath, is_lfs_pointer, is_private_name,
};
use crate::fingerprint::Fingerprint;

/// So many links on the way to one file are a ring, or as good as one.
const MAX_LINKS: usize = 40;
/// A link's text of more bytes is none.
const MAX_TARGET: usize = 4096;
/// A blob of more bytes is put on disk when it is opened.
const SPOOL: usize = 32 << 20;
/// More files and directories are not listed.
const MAX_ENTRIES: usize = 500_000;

/// What a path leads to.
#[derive(Debug, Clone, Copy)]
enum Node {
    File(Oid),
    Directory(Oid),
}

/// What a blob holds.
enum Content {
    Whole(Opened),
    /// None: a pointer that cannot be read.
    Pointer(Option<Pointer>),
}

/// A content that is too large to be held while it is sent: on disk, in a file that has no name.
fn spool(content: &[u8]) -> io::Result<Box<dyn Read + Send>> {
    let mut file = tempfile::tempfile()?;
    file.write_all(content)?;
    file.rewind()?;
    Ok(Box::new(file))
}

/// One commit as a tree.
pub(super) struct CommitTree {
    objects: Arc<Objects>,
    root: Oid,
    fingerprints: Fingerprints,
    /// Small contents that are at hand.
    contents: HashMap<Oid, Bytes>,
    lfs: Lfs,
    directories: RwLock<HashMap<Oid, Arc<Items>>>,
    /// Files that were listed.
    listed: RwLock<HashMap<TreePath, Oid>>,
}

impl CommitTree {
    pub(super) fn new(
        objects: Arc<Objects>,
        commit: Oid,
        fingerprints: Fingerprints,
        contents: HashMap<Oid, Bytes>,
        lfs: Lfs,
    ) -> Result<Self, ObjectError> {
        let root = objects.root(commit)?;
        Ok(Self { objects, root, fingerprints, contents, lfs, directories: RwLock::default(), listed: RwLock::default() })
    }

    fn items(&self, id: Oid, path: &TreePath) -> Result<Arc<Items>, FileError> {
        if let Some(items) = self.directories.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(Arc::clone(items));
        }
        let raw = self.objects.tree(id).map_err(|error| failed(path, error))?;
        let items = Arc::new(Items::new(raw));
        self.directories.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&items));
        Ok(items)
    }

    /// Where `path` really lies, and what it is: every link on the way resolved by name inside the tree.
    fn resolve(&self, path: &TreePath) -> Result<(TreePath, Node), FileError> {
        let mut names: Vec<String> = path.as_str().rsplit('/').map(str::to_owned).collect();
        let mut above = vec![(TreePath::root(), self.root)];
        let mut links = 0;
        while let Some(name) = names.pop() {
            if is_private_name(&name) {
                return Err(FileError::Private(path.clone()));
            }
            let Some((directory, id)) = above.last().cloned() else { return Err(FileError::Escapes(path.clone())) };
            match name.as_str() {
                "" | "." => continue,
                ".." => {
                    above.pop();
                    if above.is_empty() {
                        return Err(FileError::Escapes(path.clone()));
                    }
                    continue;
                }
                _ => {}
            }
            let missing = || if links > 0 { FileError::Dangling(path.clone()) } else { FileError::NotFound(path.clone()) };
            let items = self.items(id, &directory)?;
            let here = directory.child(&name);
            if let Some(what) = items.malformed.get(&name) {
                return Err(FileError::Malformed { path: here.to_string(), what });
            }
            let item = items.items.get(&name).copied().ok_or_else(missing)?;
            match item.kind {
                Kind::Directory => above.push((here, item.id)),
                Kind::Submodule => return Err(FileError::Submodule(here)),
                Kind::File if names.is_empty() => return Ok((here, Node::File(item.id))),
                Kind::File => return Err(missing()),
                Kind::Link => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(FileError::Loop(path.clone()));
                    }
                    let target = self.target(&here, item.id)?;
                    if target.starts_with('/') {
                        return Err(FileError::Escapes(path.clone()));
                    }
                    names.extend(target.split('/').rev().map(str::to_owned));
                }
            }
        }
        above.pop().map(|(path, id)| (path, Node::Directory(id))).ok_or_else(|| FileError::Escapes(path.clone()))
    }

    fn target(&self, link: &TreePath, id: Oid) -> Result<String, FileError> {
        let size = self.objects.size(id).map_err(|error| failed(link, error))?;
        if size > MAX_TARGET as u64 {
            return Err(FileError::TooLarge { path: link.clone(), size, cap: MAX_TARGET as u64 });
        }
        let target = self.objects.blob(id, <[u8]>::to_vec).map_err(|error| failed(link, error))?;
        String::from_utf8(target).map_err(|_| FileError::Dangling(link.clone()))
    }

    fn file(&self, path: &TreePath) -> Result<Oid, FileError> {
        if let Some(id) = self.listed.read().unwrap_or_else(PoisonError::into_inner).get(path) {
            return Ok(*id);
        }
        match self.resolve(path)? {
            (_, Node::File(id)) => Ok(id),
            (_, Node::Directory(_)) => Err(FileError::NotAFile { path: path.clone(), what: "a directory" }),
        }
    }

    /// Reads and hashes a blob, and remembers what came of it.
    fn learn(&self, path: &TreePath, id: Oid, keep: u64) -> Result<(Known, Option<Bytes>), FileError> {
        let hash = |content: &[u8]| {
            if is_lfs_pointer(content) {
                let Pointer { oid, size } = Pointer::parse(content).ok_or_else(|| FileError::LfsPointer(path.clone()))?;
                return Ok((Known { fingerprint: oid, size, pointer: true }, None));
            }
            let size = content.len() as u64;
            let known = Known { fingerprint: Fingerprint::of_bytes(content), size, pointer: false };
            Ok((known, (size <= keep).then(|| Bytes::copy_from_slice(content))))
        };
        let learned = self.objects.blob(id, hash).map_err(|error| failed(path, error))??;
        self.fingerprints.insert(id, learned.0);
        Ok(learned)
    }

    /// The file that a pointer stands for.
    fn large(&self, path: &TreePath, pointer: Pointer) -> Result<std::fs::File, FileError> {
        self.lfs.open(pointer).map_err(|reason| FileError::LfsMissing { path: path.clone(), reason })
    }

    fn size(&self, path: &TreePath, id: Oid) -> Result<u64, FileError> {
        match self.fingerprints.get(id) {
            Some(known) => Ok(known.size),
            None => self.objects.size(id).map_err(|error| failed(path, error)),
        }
    }
}

impl Tree for CommitTree {
    fn stat(&self, path: &TreePath) -> Result<Stat, FileError> {
        match self.resolve(path)? {
            (real, Node::File(id)) => self.size(&real, id).map(Stat::File),
            (_, Node::Directory(_)) => Ok(Stat::Directory),
        }
    }

    fn open(&self, path: &TreePath) -> Result<Opened, FileError> {
        let id = self.file(path)?;
        let taken = self.objects.blob(id, |content| {
            if is_lfs_pointer(content) {
                return Ok(Content::Pointer(Pointer::parse(content)));
            }
            let size = content.len() as u64;
            let reader = if content.len() > SPOOL { spool(content)? } else { Box::new(io::Cursor::new(content.to_vec())) };
            Ok(Content::Whole(Opened { reader, size }))
        });
        let taken = taken.map_err(|error| failed(path, error))?;
        match taken.map_err(|source| FileError::Io { path: path.clone(), source })? {
            Content::Whole(opened) => Ok(opened),
            Content::Pointer(None) => Err(FileError::LfsPointer(path.clone())),
            Content::Pointer(Some(pointer)) => Ok(Opened { size: pointer.size, reader: Box::new(self.large(path, pointer)?) }),
        }
    }

    fn list(&self, dir: &TreePath, filter: &Filter<'_>) -> Result<Listing, FileError> {
        let (real, Node::Directory(id)) = self.resolve(dir)? else { return Err(FileError::NotADirectory(dir.clone())) };
        let walk = Walk::new(self, filter, dir);
        let mut found = Found::default();
        walk.visit(&Visited { real: real.clone(), id, prefix: String::new(), above: vec![real] }, &mut found)?;
        let Found { files, problems } = found;
        let sized = files.into_par_iter().map(|(name, path, id)| {
            let size = self.size(&path, id)?;
            Ok((Entry { name, path, size }, id))
        });
        let sized: Vec<Result<(Entry, Oid), FileError>> = sized.collect();
        let mut listing = Listing { entries: Vec::with_capacity(sized.len()), problems };
        let mut listed = self.listed.write().unwrap_or_else(PoisonError::into_inner);
        for entry in sized {
            match entry {
                Ok((entry, id)) => {
                    listed.insert(entry.path.clone(), id);
                    listing.entries.push(entry);
                }
                Err(problem) => listing.problems.push(problem),
            }
        }
        listing.entries.sort();
        Ok(listing)
    }

    fn is_plain_file(&self, path: &TreePath) -> Option<bool> {
        let (parent, name) = (path.parent()?, path.names().last()?);
        let (real, Node::Directory(id)) = self.resolve(&parent).ok()? else { return None };
        self.items(id, &real).ok()?.items.get(name).map(|item| item.kind == Kind::File)
    }

    fn nodes(&self, dir: &TreePath, skip: &Skip<'_>) -> Result<Nodes, FileError> {
        let (real, Node::Directory(id)) = self.resolve(dir)? else { return Err(FileError::NotADirectory(dir.clone())) };
        self.walk_nodes(&real, id, skip)
    }

    /// What is in a commit is not ignored.
    fn ignored(&self, dir: &TreePath) -> Result<Option<IgnoredBy>, FileError> {
        self.resolve(dir).map(|_| None)
    }

    fn hash(&self, path: &TreePath, _: u64, keep: u64) -> Result<Hashed, FileError> {
        let id = self.file(path)?;
        let (known, content) = match self.fingerprints.get(id) {
            Some(known) => (known, self.contents.get(&id).filter(|_| known.size <= keep).cloned()),
            None => self.learn(path, id, keep)?,
        };
        if known.pointer {
            // Had now, so that what cannot be had is told before anything is sent.
            self.large(path, Pointer { oid: known.fingerprint, size: known.size })?;
        }
        Ok(Hashed { fingerprint: known.fingerprint, size: known.size, content })
    }
}

fn failed(path: &TreePath, error: ObjectError) -> FileError {
    match error {
        ObjectError::TooLarge { size, cap } => FileError::TooLarge { path: path.clone(), size, cap },
        ObjectError::Unreadable(reason) => FileError::Io { path: path.clone(), source: io::Error::other(reason) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Excludes;

    /// A commit of `static/known.txt`, whose blob is not there, and `static/new.txt`.
    fn commit(repository: &git2::Repository) -> Result<(Oid, Oid), git2::Error> {
        let missing = Oid::from_str(&"1".repeat(40))?;
        // Else libgit2 refuses to name what is not there.
        git2::opts::strict_object_creation(false);
        let mut site = repository.treebuilder(None)?;
        site.insert("known.txt", missing, 0o100_644)?;
        site.insert("new.txt", repository.blob(b"new")?, 0o100_644)?;
        let mut root = repository.treebuilder(None)?;
        root.insert("static", site.write()?, 0o040_000)?;
        let tree = repository.find_tree(root.write()?)?;
        let author = git2::Signature::now("somebody", "somebody@example.com")?;
        Ok((repository.commit(None, &author, &author, "a commit", &tree, &[])?, missing))
    }

    #[test]
    fn what_is_known_by_its_id_is_neither_read_nor_hashed_again() {
        let dir = tempfile::tempdir().expect("a directory");
        let repository = git2::Repository::init_bare(dir.path()).expect("a repository");
        let (commit, missing) = commit(&repository).expect("a commit");
        let fingerprints = Fingerprints::default();
        let known = Known { fingerprint: Fingerprint::of_bytes(b"known"), size: 5, pointer: false };
        fingerprints.insert(missing, known);
        let objects = Arc::new(Objects::new(repository, None));
        let tree =
            CommitTree::new(objects, commit, fingerprints, HashMap::new(), Lfs::Local { store: dir.path().to_owned() }).expect("a tree");
        let site = TreePath::root().child("static");
        let excludes = Excludes::none();
        let listing = tree.list(&site, &Filter { excludes: &excludes, include_ignored: false }).expect("a listing");
        assert!(listing.problems.is_empty(), "{:?}", listing.problems);
        let sizes: Vec<(&str, u64)> = listing.entries.iter().map(|entry| (entry.name.as_str(), entry.size)).collect();
        assert_eq!(sizes, [("known.txt", 5), ("new.txt", 3)]);
        let hash = |name: &str| tree.hash(&site.child(name), 0, 0).map(|hashed| (hashed.fingerprint, hashed.size));
        assert_eq!(hash("known.txt").ok(), Some((known.fingerprint, 5)), "its blob is not even there");
        assert_eq!(hash("new.txt").ok(), Some((Fingerprint::of_bytes(b"new"), 3)));
        assert!(tree.open(&site.child("known.txt")).is_err());
    }
}
