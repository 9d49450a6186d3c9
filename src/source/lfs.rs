//! Files that Git LFS keeps beside the repository: a pointer in the commit says which, and its content is had from elsewhere.
//!
//! Of a remote by the batch API (git-lfs, docs/api/batch.md): over HTTP with the repository's own credentials; over SSH the host says where and with what
//! (`git-lfs-authenticate`, docs/api/server-discovery.md). Of a repository of this machine from where git-lfs puts them. Size and sha256 are checked. `.lfsconfig` is not read: it could send the credentials anywhere.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Url;
use reqwest::blocking::RequestBuilder;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde::Deserialize;

use super::http::{Caller, client};
use super::location::{Location, RemoteUrl, Scheme};
use super::ssh::Ssh;
use super::{Credentials, Options, SourceError};
use crate::fingerprint::{ContentHasher, Fingerprint};

const KIND: &str = "application/vnd.git-lfs+json";
/// An answer of more bytes is none for one file.
const MAX_ANSWER: u64 = 1 << 20;

/// What a pointer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pointer {
    /// sha256 of the content.
    pub(super) oid: Fingerprint,
    pub(super) size: u64,
}

/// Where the content of pointers is.
pub(super) enum Lfs {
    /// Fetched into `store`, each file once.
    Remote { url: Box<RemoteUrl>, options: Box<Options>, server: Mutex<Option<Server>>, store: PathBuf },
    /// In a repository of this machine.
    Local { store: PathBuf },
}

/// Who answers for the files of a repository.
#[derive(Clone)]
pub(super) struct Server {
    caller: Caller,
    /// Where files are asked for.
    batch: Url,
    /// What the host of the repository gave for that.
    headers: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Access {
    href: String,
    #[serde(default)]
    header: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Batch {
    objects: Vec<Object>,
}

#[derive(Deserialize)]
struct Object {
    oid: String,
    #[serde(default)]
    actions: Option<Actions>,
    #[serde(default)]
    error: Option<ObjectError>,
}

#[derive(Deserialize)]
struct Actions {
    download: Option<Action>,
}

#[derive(Deserialize)]
struct Action {
    href: String,
    #[serde(default)]
    header: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct ObjectError {
    code: u16,
    message: String,
}

impl Pointer {
    /// Reads a pointer; none when it is not one that can be used.
    pub(super) fn parse(content: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(content).ok()?;
        let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
        Some(Self { oid: Fingerprint::from_hex(value("oid")?.strip_prefix("sha256:")?)?, size: value("size")?.parse().ok()? })
    }
}

impl Lfs {
    /// The content of a pointer, as a file.
    pub(super) fn open(&self, pointer: Pointer) -> Result<File, String> {
        match self {
            Self::Local { store } => {
                let name = pointer.oid.to_string();
                let path = store.join(&name[..2]).join(&name[2..4]).join(&name);
                let missing = |_| "it is not in this repository: fetch it with `git lfs fetch`".to_owned();
                let found = File::open(&path).and_then(Fingerprint::of_reader).map_err(missing)?;
                if found != (pointer.oid, pointer.size) {
                    return Err("what lies in this repository in its place is something else".to_owned());
                }
                File::open(&path).map_err(|error| error.to_string())
            }
            Self::Remote { url, options, server, store } => {
                let path = store.join(pointer.oid.to_string());
                if let Ok(file) = File::open(&path)
                    && file.metadata().is_ok_and(|meta| meta.len() == pointer.size)
                {
                    return Ok(file);
                }
                let server = {
                    let mut known = server.lock().unwrap_or_else(PoisonError::into_inner);
                    match known.as_ref() {
                        Some(server) => server.clone(),
                        None => known.insert(Server::of(url, options)?).clone(),
                    }
                };
                server.fetch(pointer, store, &path)?;
                File::open(&path).map_err(|error| error.to_string())
            }
        }
    }
}

impl Server {
    fn of(url: &RemoteUrl, options: &Options) -> Result<Self, String> {
        let told = |error: SourceError| error.to_string();
        let session = Arc::new(options.session(url));
        if url.scheme != Scheme::Ssh {
            let caller = Caller::new(&session).map_err(told)?;
            let endpoint = format!("{}.git/info/lfs/objects/batch", url.path.strip_suffix(".git").unwrap_or(&url.path));
            return Ok(Self { batch: caller.url(&endpoint).map_err(told)?, caller, headers: BTreeMap::new() });
        }
        let answer = Ssh::new(session).lfs_access().map_err(|error| format!("{error} (asked by git-lfs-authenticate)"))?;
        let access: Access = serde_json::from_slice(&answer)
            .map_err(|_| "git-lfs-authenticate on the host does not say where: name the repository by its https URL".to_owned())?;
        let place = match Location::parse(Path::new(&access.href)) {
            Ok(Location::Remote(place)) if place.scheme == Scheme::Https || place.scheme == Scheme::Http && place.is_loopback() => place,
            _ => return Err("the host gives an address for them that is not https".to_owned()),
        };
        // What was given for the repository is not for that place: the host says what is.
        let credentials = Credentials { given_only: options.credentials.given_only, ..Credentials::default() };
        let options = Options { credentials, ..options.clone() };
        let caller = Caller::new(&Arc::new(options.session(&place))).map_err(told)?;
        let batch = caller.url(&format!("{}/objects/batch", place.path)).map_err(told)?;
        Ok(Self { caller, batch, headers: access.header })
    }

    fn fetch(&self, pointer: Pointer, store: &Path, path: &Path) -> Result<(), String> {
        let (caller, action) = (&self.caller, self.ask(pointer)?);
        let wrong = |reason: &str| format!("the LFS server {reason}");
        let href = Url::parse(&action.href).map_err(|_| wrong("gives an address that is none"))?;
        if !(href.scheme() == "https" || href.scheme() == "http" && self.batch.scheme() == "http") {
            return Err(wrong("gives an address that is not https"));
        }
        // Certificates were not read for a repository that is spoken to in the clear, and another host was not judged.
        let elsewhere = caller.session.is_screened() && href.origin() != self.batch.origin();
        let client = match (href.scheme(), caller.session.url.scheme) {
            ("https", Scheme::Http) => client(&caller.session, Scheme::Https, &href).map_err(|error| error.to_string())?,
            (_, scheme) if elsewhere => client(&caller.session, scheme, &href).map_err(|error| error.to_string())?,
            _ => caller.client.clone(),
        };
        let get = with(client.get(href.clone()), &action.header);
        let brings_its_own = action.header.keys().any(|name| name.eq_ignore_ascii_case(AUTHORIZATION.as_str()));
        let response = if href.origin() == self.batch.origin() && !brings_its_own {
            caller.send(&get).map_err(|error| error.to_string())?
        } else {
            // Another host: it gets what the LFS server gave for it, and nothing of ours.
            let response = get.send().map_err(|error| caller.explain(error).to_string())?;
            if response.status().as_u16() != 200 {
                return Err(wrong(&format!("sent us to a store that answers {}", response.status())));
            }
            response
        };
        std::fs::create_dir_all(store).map_err(|error| error.to_string())?;
        let mut beside = tempfile::NamedTempFile::new_in(store).map_err(|error| error.to_string())?;
        copy(caller, response, pointer, beside.as_file_mut())?;
        beside.persist(path).map(drop).map_err(|error| error.to_string())
    }

    /// Where a file is.
    fn ask(&self, pointer: Pointer) -> Result<Action, String> {
        let caller = &self.caller;
        let question = serde_json::json!({
            "operation": "download", "transfers": ["basic"], "hash_algo": "sha256",
            "objects": [{"oid": pointer.oid.to_string(), "size": pointer.size}],
        });
        let post = caller.client.post(self.batch.clone()).header(ACCEPT, KIND).header(CONTENT_TYPE, KIND).body(question.to_string());
        let response = caller.send(&with(post, &self.headers)).map_err(|error| format!("{error} (Git LFS)"))?;
        let mut answer = Vec::new();
        response.take(MAX_ANSWER).read_to_end(&mut answer).map_err(|error| caller.cut(error).to_string())?;
        let batch: Batch = serde_json::from_slice(&answer).map_err(|_| "the LFS server does not answer as one does".to_owned())?;
        let object = batch.objects.into_iter().find(|object| object.oid == pointer.oid.to_string());
        match object {
            Some(Object { error: Some(error), .. }) => {
                Err(format!("the LFS server says {}: {}", error.code, crate::key::printable(&error.message)))
            }
            Some(Object { actions: Some(Actions { download: Some(action) }), .. }) => Ok(action),
            _ => Err("the LFS server does not say where it is".to_owned()),
        }
    }
}

fn with(request: RequestBuilder, headers: &BTreeMap<String, String>) -> RequestBuilder {
    headers.iter().fold(request, |request, (name, value)| request.header(name, value))
}

fn copy(caller: &Caller, mut from: impl Read, pointer: Pointer, to: &mut File) -> Result<(), String> {
    let (mut hasher, mut buffer) = (ContentHasher::default(), vec![0; 128 * 1024]);
    loop {
        caller.session.check().map_err(|error| error.to_string())?;
        match from.read(&mut buffer).map_err(|error| caller.cut(error).to_string())? {
            0 => break,
            count => {
                hasher.update(&buffer[..count]);
                if hasher.length() > pointer.size {
                    return Err("the LFS server sends more than the pointer says".to_owned());
                }
                to.write_all(&buffer[..count]).map_err(|error| error.to_string())?;
            }
        }
    }
    if (hasher.fingerprint(), hasher.length()) != (pointer.oid, pointer.size) {
        return Err("the LFS server sends something else than the pointer says".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_read_and_what_is_none_is_not() {
        let oid = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
        let text = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 12345\n");
        assert_eq!(Pointer::parse(text.as_bytes()), Fingerprint::from_hex(oid).map(|oid| Pointer { oid, size: 12345 }));
        for bad in ["sha256:", "size ", "oid "] {
            assert_eq!(Pointer::parse(text.replace(bad, "").as_bytes()), None, "{bad}");
        }
        assert_eq!(Pointer::parse(text.replace("12345", "-1").as_bytes()), None);
    }
}
