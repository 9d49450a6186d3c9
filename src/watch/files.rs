//! The files of a directory: told when they change, and looked at until they stand still.
//!
//! The system is asked to tell of changes directory by directory, so that what Git ignores costs nothing. What it tells is only a reason to look:
//! the look itself is a scan of names, sizes and times, and two equal scans in a row mean that nobody is writing any more.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ignore::WalkBuilder;
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::{Bell, Trigger};
use crate::fingerprint::{ContentHasher, Fingerprint};

/// Never taken, and written to by our own runs and by every Git command.
const PRIVATE: [&str; 2] = [".git", ".zerverless"];

/// Watches a directory and whatever else a manifest in it names.
pub(super) struct Files {
    /// Walked as Git does: less what is ignored.
    directory: PathBuf,
    /// Walked in full: what the manifest names, ignored or not.
    named: BTreeSet<PathBuf>,
    /// Where `HEAD` and the index are.
    git_dir: Option<PathBuf>,
    watched: BTreeSet<PathBuf>,
    /// None: the system cannot tell, and somebody has to look from time to time.
    watcher: Option<RecommendedWatcher>,
}

/// What a scan found.
struct Scan {
    print: Fingerprint,
    directories: BTreeSet<PathBuf>,
}

impl Files {
    /// Rings `bell` whenever something may have changed.
    pub(super) fn new(directory: &Path, git_dir: Option<PathBuf>, bell: Bell) -> Self {
        let directory = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
        let git = git_dir.clone();
        let told = move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| is_noise(&event, git.as_deref())) {
                return;
            }
            bell.ring(Trigger::Files);
        };
        let watcher = notify::recommended_watcher(told).ok();
        Self { directory, named: BTreeSet::new(), git_dir, watched: BTreeSet::new(), watcher }
    }

    /// Whether the system tells of changes.
    pub(super) fn are_told(&self) -> bool {
        self.watcher.is_some()
    }

    /// Takes in what the manifest names; whether that is another set than before.
    pub(super) fn name(&mut self, paths: BTreeSet<PathBuf>) -> bool {
        let is_news = paths != self.named;
        self.named = paths;
        is_news
    }

    /// Looks until two scans are equal, `pause` apart; gives what was seen.
    pub(super) async fn settled(&mut self, pause: Duration) -> Fingerprint {
        let mut before = self.look().await;
        loop {
            tokio::time::sleep(pause).await;
            let now = self.look().await;
            if now == before {
                return now;
            }
            before = now;
        }
    }

    /// One scan. Directories that are new to it are watched before the next one, so that nothing between the two is missed.
    pub(super) async fn look(&mut self) -> Fingerprint {
        let (directory, named) = (self.directory.clone(), self.named.clone());
        let scanned = tokio::task::spawn_blocking(move || scan(&directory, &named)).await;
        let Ok(scan) = scanned else { return Fingerprint::of_bytes(b"") };
        self.watch(scan.directories);
        scan.print
    }

    fn watch(&mut self, mut directories: BTreeSet<PathBuf>) {
        directories.extend(self.git_dir.clone());
        let Some(watcher) = &mut self.watcher else { return };
        for gone in self.watched.difference(&directories) {
            // The system forgot it when it was removed.
            let _ = watcher.unwatch(gone);
        }
        self.watched.retain(|directory| directories.contains(directory));
        for directory in directories {
            if self.watched.contains(&directory) {
                continue;
            }
            match watcher.watch(&directory, RecursiveMode::NonRecursive) {
                Ok(()) => drop(self.watched.insert(directory)),
                // Removed meanwhile: the next scan will not name it.
                Err(_) if !directory.exists() => {}
                Err(_) => {
                    self.watcher = None;
                    return;
                }
            }
        }
    }
}

/// Editors' temporary files, reads, and Git's own bookkeeping.
fn is_noise(event: &Event, git_dir: Option<&Path>) -> bool {
    if event.need_rescan() {
        return false;
    }
    let of_no_interest = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        if git_dir.is_some() && path.parent() == git_dir {
            return name != "HEAD" && name != "index";
        }
        let is_temporary =
            name.ends_with('~') || name == "4913" || name.starts_with(".#") || (name.starts_with('#') && name.ends_with('#'));
        let is_swap = name.starts_with('.') && [".swp", ".swx", ".swo"].iter().any(|ending| name.ends_with(ending));
        is_temporary || is_swap || PRIVATE.contains(&&*name)
    };
    event.kind.is_access() || (!event.paths.is_empty() && event.paths.iter().all(of_no_interest))
}

fn scan(directory: &Path, named: &BTreeSet<PathBuf>) -> Scan {
    let (mut seen, mut directories) = (BTreeSet::new(), BTreeSet::new());
    walk(WalkBuilder::new(directory).hidden(false), &mut seen, &mut directories);
    for path in named {
        // A file that is named is watched through its directory, which also tells when it is replaced.
        let depth = if path.is_dir() { None } else { Some(1) };
        let start = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
        walk(WalkBuilder::new(start).standard_filters(false).max_depth(depth), &mut seen, &mut directories);
    }
    let mut hasher = ContentHasher::default();
    for file in &seen {
        hasher.update(&(file.len() as u64).to_be_bytes());
        hasher.update(file);
    }
    Scan { print: hasher.fingerprint(), directories }
}

fn walk(builder: &mut WalkBuilder, seen: &mut BTreeSet<Vec<u8>>, directories: &mut BTreeSet<PathBuf>) {
    builder.filter_entry(|entry| !PRIVATE.iter().any(|private| entry.file_name() == *private));
    for found in builder.build().flatten() {
        if found.file_type().is_some_and(|kind| kind.is_dir()) {
            directories.insert(found.into_path());
        } else if let Ok(meta) = found.metadata() {
            let numbers = [meta.ino(), meta.len(), meta.mtime().cast_unsigned(), meta.mtime_nsec().cast_unsigned(), meta.mode().into()];
            let mut file = found.path().as_os_str().as_bytes().to_vec();
            file.push(0);
            file.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
            seen.insert(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn scanned(directory: &Path) -> Fingerprint {
        scan(directory, &BTreeSet::new()).print
    }

    #[test]
    fn a_scan_differs_exactly_when_a_file_that_counts_does() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = |name: &str| dir.path().join(name);
        fs::create_dir_all(path(".git/x")).expect("a directory");
        fs::create_dir_all(path("dist")).expect("a directory");
        fs::write(path(".gitignore"), "dist/").expect("a file");
        fs::write(path("a"), "1").expect("a file");
        let first = scanned(dir.path());
        fs::write(path(".git/x/y"), "").expect("a file");
        fs::write(path("dist/y"), "").expect("a file");
        assert_eq!(scanned(dir.path()), first);
        let named = scan(dir.path(), &BTreeSet::from([path("dist")]));
        assert!(named.print != first && named.directories.contains(&path("dist")));
        fs::write(path("a"), "12").expect("a file");
        assert!(scanned(dir.path()) != first);
    }

    #[test]
    fn editors_and_git_make_noise() {
        let event = |path: &str| Event::new(notify::EventKind::Any).add_path(PathBuf::from(path));
        let git = Some(Path::new("/w/.git"));
        for noise in ["/w/.git/index.lock", "/w/.git", "/w/.x.lua.swp", "/w/4913", "/w/x~", "/w/.#x"] {
            assert!(is_noise(&event(noise), git), "{noise}");
        }
        for change in ["/w/.git/HEAD", "/w/x.lua", "/w/.well-known"] {
            assert!(!is_noise(&event(change), git), "{change}");
        }
    }
}
