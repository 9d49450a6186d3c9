//! Static files: real files under `storage/<namespace>/<path>`, so that a name being a file or a directory, long names and empty directories behave as
//! on the real server because the file system makes them so. Messages name paths as the real server does, from `storage/` on.

use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use axum::http::StatusCode;

use super::answer::{Reply, error, json, no_content, not_found};
use super::gojson::{List, Object};
use super::upload::Upload;

/// The tree of all namespaces.
#[derive(Debug)]
pub(super) struct Storage {
    root: PathBuf,
}

/// Whether a namespace would name something else than one directory of its own.
pub(super) fn escapes(namespace: &[u8]) -> bool {
    matches!(namespace, b"" | b"." | b"..") || namespace.contains(&b'/')
}

/// The reply to a namespace that [`escapes`].
pub(super) fn refuse_namespace(namespace: &[u8]) -> Reply {
    error(StatusCode::BAD_REQUEST, [b"invalid namespace: ", namespace].concat())
}

impl Storage {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// `PUT`: puts a received body in its place.
    pub(super) fn put(&self, namespace: &[u8], path: &[u8], upload: Upload) -> Reply {
        let size = upload.size();
        match self.place(namespace, path, upload) {
            Ok(()) => {
                json(StatusCode::CREATED, Object::new().string("namespace", namespace).string("path", path).number("size", size).finish())
            }
            Err(message) => error(StatusCode::INTERNAL_SERVER_ERROR, message),
        }
    }

    /// The file at a path, `None` when the name is refused.
    pub(super) fn file(&self, namespace: &[u8], path: &[u8]) -> Option<PathBuf> {
        Some(Located::new(namespace, path)?.under(&self.root))
    }

    /// `DELETE`: removes a file or an empty directory, the namespace itself included.
    pub(super) fn delete(&self, namespace: &[u8], path: &[u8]) -> Reply {
        let Some(file) = self.file(namespace, path) else {
            return not_found();
        };
        match fs::remove_file(&file).or_else(|_| fs::remove_dir(&file)) {
            Ok(()) => no_content(),
            Err(_) => not_found(),
        }
    }

    /// `GET /api/storage/{ns}/?prefix=`: names only, directory by directory, each in byte order.
    pub(super) fn list(&self, namespace: &[u8], prefix: &[u8]) -> Reply {
        let root = Located::new(namespace, b"").map(|located| located.under(&self.root)).unwrap_or_default();
        let mut names = Vec::new();
        let walked = match fs::symlink_metadata(&root) {
            Ok(found) if found.is_dir() => walk(&root, namespace, &mut Vec::new(), &mut names),
            // `PUT …/.` makes a file of a namespace, which the walk then calls by its relative path.
            Ok(_) => {
                names.push(b".".to_vec());
                Ok(())
            }
            Err(failure) => Err(describe("lstat", &[b"storage/", namespace].concat(), &failure)),
        };
        if let Err(message) = walked {
            return error(StatusCode::INTERNAL_SERVER_ERROR, message);
        }
        let mut files = List::default();
        let mut count = 0_usize;
        for name in names.iter().filter(|name| name.starts_with(prefix)) {
            files.string(name);
            count += 1;
        }
        let listing = Object::new().list("files", files).number("count", count);
        json(StatusCode::OK, listing.finish())
    }

    /// Every namespace that has a directory, with the names of its files; what cannot be read is left out.
    pub(super) fn namespaces(&self) -> Vec<(Vec<u8>, Vec<Vec<u8>>)> {
        let Ok(entries) = fs::read_dir(&self.root) else { return Vec::new() };
        let directories = entries.flatten().filter(|entry| entry.path().is_dir());
        let listed = directories.map(|entry| {
            let name = entry.file_name().into_vec();
            let mut files = Vec::new();
            let _ = walk(&entry.path(), &name, &mut Vec::new(), &mut files);
            (name, files)
        });
        listed.filter(|(_, files)| !files.is_empty()).collect()
    }

    fn place(&self, namespace: &[u8], path: &[u8], upload: Upload) -> Result<(), Vec<u8>> {
        let located = Located::new(namespace, path).ok_or_else(|| [b"invalid path: ", path].concat())?;
        let file = located.under(&self.root);
        let mut temporary = upload.into_file().map_err(|failure| describe("write", &located.name(), &failure))?;
        if temporary.rename(&file).is_ok() {
            return Ok(());
        }
        // Most files have a directory already; only a refusal makes it worth looking.
        located.make_parents(&self.root)?;
        temporary.rename(&file).map_err(|failure| describe("open", &located.name(), &failure))
    }
}

/// Where a name lives: its segments below the storage root, cleaned of empty and `.` ones.
struct Located<'a> {
    segments: Vec<&'a [u8]>,
}

impl<'a> Located<'a> {
    /// `None` when the path holds `..` anywhere, as the real server refuses it.
    fn new(namespace: &'a [u8], path: &'a [u8]) -> Option<Self> {
        if path.windows(2).any(|pair| pair == b"..") {
            return None;
        }
        let cleaned = path.split(|byte| *byte == b'/').filter(|segment| !matches!(*segment, b"" | b"."));
        Some(Self { segments: std::iter::once(namespace).chain(cleaned).collect() })
    }

    fn under(&self, root: &Path) -> PathBuf {
        let mut path = root.as_os_str().to_os_string().into_vec();
        for segment in &self.segments {
            path.push(b'/');
            path.extend_from_slice(segment);
        }
        std::ffi::OsString::from_vec(path).into()
    }

    /// The path as messages give it.
    fn name(&self) -> Vec<u8> {
        [b"storage/", self.segments.join(&b'/').as_slice()].concat()
    }

    /// Makes the directories above the file, from the top, so that a refusal names the one that is in the way.
    fn make_parents(&self, root: &Path) -> Result<(), Vec<u8>> {
        for length in 1..self.segments.len() {
            let parent = Self { segments: self.segments[..length].to_vec() };
            let path = parent.under(root);
            let made = match fs::create_dir(&path) {
                Err(failure) if failure.kind() == io::ErrorKind::AlreadyExists => {
                    if path.is_dir() {
                        Ok(())
                    } else {
                        Err(io::ErrorKind::NotADirectory.into())
                    }
                }
                made => made,
            };
            made.map_err(|failure| describe("create dir: mkdir", &parent.name(), &failure))?;
        }
        Ok(())
    }
}

/// Adds the files below `directory`, whose path below its namespace is `relative` (empty, or ending in a slash).
fn walk(directory: &Path, namespace: &[u8], relative: &mut Vec<u8>, names: &mut Vec<Vec<u8>>) -> Result<(), Vec<u8>> {
    let failed = |relative: &[u8], failure: &io::Error| {
        let path = [b"storage/", namespace, b"/", relative].concat();
        describe("open", path.strip_suffix(b"/").unwrap_or(&path), failure)
    };
    let mut entries = Vec::new();
    for entry in fs::read_dir(directory).map_err(|failure| failed(relative, &failure))? {
        let entry = entry.map_err(|failure| failed(relative, &failure))?;
        let kind = entry.file_type().map_err(|failure| failed(relative, &failure))?;
        entries.push((entry.file_name(), kind.is_dir()));
    }
    entries.sort_unstable();
    let length = relative.len();
    for (name, is_directory) in entries {
        relative.extend_from_slice(name.as_bytes());
        if is_directory {
            relative.push(b'/');
            walk(&directory.join(&name), namespace, relative, names)?;
        } else {
            names.push(relative.clone());
        }
        relative.truncate(length);
    }
    Ok(())
}

/// A failed system call as Go prints it: the call, the path, and the error in small letters.
fn describe(call: &str, path: &[u8], failure: &io::Error) -> Vec<u8> {
    let reason = match (failure.kind(), failure.raw_os_error()) {
        (io::ErrorKind::NotADirectory, _) => "not a directory".to_owned(),
        // A NUL in a name never reaches the system.
        (io::ErrorKind::InvalidInput, None) => "invalid argument".to_owned(),
        _ => {
            let text = failure.to_string();
            let text = text.split_once(" (os error").map_or(text.as_str(), |(text, _)| text);
            text.to_lowercase()
        }
    };
    [call.as_bytes(), b" ", path, b": ", reason.as_bytes()].concat()
}
