//! A Git host on loopback: Git's own `http-backend` behind an HTTP server that can ask for a password, and an endpoint for Git LFS.

use std::collections::HashMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::orchestrator::ANY_PORT;
use super::sandbox::Checkout;

/// A request that does not come within this time never comes.
const PATIENCE: Duration = Duration::from_secs(30);

/// See the module. It ends with the test.
pub(crate) struct GitHost {
    shared: Arc<Shared>,
    address: String,
}

struct Shared {
    root: TempDir,
    address: String,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    requests: Vec<Asked>,
    password: Option<(String, String)>,
    /// Answers with packs end after so many bytes.
    cut: Option<usize>,
    /// Answers with packs never begin.
    stalled: bool,
    large_files: HashMap<String, Vec<u8>>,
    over: bool,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) authorization: Option<String>,
}

impl GitHost {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(ANY_PORT).expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let root = tempfile::tempdir().expect("a directory");
        let shared = Arc::new(Shared { root, address: address.clone(), state: Mutex::default(), changed: Condvar::new() });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if serving.state().over {
                    return;
                }
                let serving = Arc::clone(&serving);
                // A client that goes away is none of the host's troubles.
                thread::spawn(move || drop(serving.serve(&connection)));
            }
        });
        Self { shared, address }
    }

    /// One with the commits of `source` as the repository `app.git`.
    pub(crate) fn of(source: &Checkout) -> Self {
        let host = Self::start();
        host.push(source, "app.git");
        host
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn url(&self, repository: &str) -> String {
        format!("http://{}/{repository}", self.address)
    }

    /// The URL of `app.git`.
    pub(crate) fn app(&self) -> String {
        self.url("app.git")
    }

    pub(crate) fn path(&self, repository: &str) -> PathBuf {
        self.shared.root.path().join(repository)
    }

    /// Makes the repository's branches and tags those of `source`, whatever they were before.
    #[track_caller]
    pub(crate) fn push(&self, source: &Checkout, repository: &str) {
        let path = self.path(repository);
        if !path.exists() {
            source.git(&["init", "--quiet", "--bare", "--initial-branch", "main", &path.display().to_string()]);
            source.git(&["--git-dir", &path.display().to_string(), "config", "receive.denyDeleteCurrent", "ignore"]);
        }
        source.git(&[
            "push",
            "--quiet",
            "--force",
            "--prune",
            &path.display().to_string(),
            "refs/heads/*:refs/heads/*",
            "refs/tags/*:refs/tags/*",
        ]);
    }

    /// From now on only this user may read.
    pub(crate) fn demand(&self, user: &str, password: &str) {
        self.shared.state().password = Some((user.to_owned(), password.to_owned()));
    }

    /// Ends every pack after so many bytes; none: as it should be.
    pub(crate) fn cut_packs(&self, after: Option<usize>) {
        self.shared.state().cut = after;
    }

    /// Never answers a request for a pack.
    pub(crate) fn stall_packs(&self, stalled: bool) {
        self.shared.state().stalled = stalled;
        self.shared.changed.notify_all();
    }

    /// Keeps a file for Git LFS under the hash `oid`.
    pub(crate) fn keep_large_file(&self, oid: &str, content: &[u8]) {
        self.shared.state().large_files.insert(oid.to_owned(), content.to_vec());
    }

    pub(crate) fn requests(&self) -> Vec<Asked> {
        self.shared.state().requests.clone()
    }

    /// Method and first word of the path of all requests since this was last asked.
    pub(crate) fn take_requests(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.state().requests).into_iter().map(|asked| asked.line).collect()
    }

    /// Waits until a request has come whose line starts with `line`.
    #[track_caller]
    pub(crate) fn wait_for(&self, line: &str) {
        let waiting = |state: &mut State| !state.requests.iter().any(|asked| asked.line.starts_with(line));
        let state = self.shared.state();
        let (state, timeout) = self.shared.changed.wait_timeout_while(state, PATIENCE, waiting).unwrap_or_else(PoisonError::into_inner);
        drop(state);
        assert!(!timeout.timed_out(), "{line} never came");
    }
}

impl Drop for GitHost {
    fn drop(&mut self) {
        self.shared.state().over = true;
        self.shared.changed.notify_all();
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(&self.address);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, connection: &TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(connection);
        let mut writer = connection;
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
                break;
            }
            lines.push(line.trim().to_owned());
        }
        let Some(first) = lines.first().cloned() else { return Ok(()) };
        let header = |name: &str| {
            let mut pairs = lines.iter().skip(1).filter_map(|line| line.split_once(": "));
            pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
        };
        let mut body = vec![0; header("content-length").and_then(|length| length.parse().ok()).unwrap_or_default()];
        reader.read_exact(&mut body)?;
        let authorization = header("authorization");
        let (allowed, cut) = {
            let mut state = self.state();
            state.requests.push(Asked { line: first.clone(), authorization: authorization.clone() });
            self.changed.notify_all();
            let expected =
                state.password.as_ref().map(|(user, password)| format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))));
            (expected.is_none() || expected == authorization, state.cut)
        };
        let mut words = first.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        // A client that was told of a proxy asks it for the whole URL.
        let target = target.strip_prefix("http://").map_or(target, |rest| &rest[rest.find('/').unwrap_or(rest.len())..]);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if let Some(oid) = path.strip_prefix("/large/") {
            // A store of its own, as hosts have it: the link is all that opens it.
            let content = self.state().large_files.get(oid).cloned();
            return answer(writer, content.map_or((404, Vec::new()), |content| (200, content)), "application/octet-stream");
        }
        if !allowed {
            return writer.write_all(
                b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"git\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            );
        }
        if path.ends_with("/info/lfs/objects/batch") {
            return answer(writer, (200, self.batch(&body)), "application/vnd.git-lfs+json");
        }
        if path.ends_with("/git-upload-pack") {
            let waited = self.changed.wait_while(self.state(), |state| state.stalled && !state.over);
            drop(waited);
        }
        let cut = cut.filter(|_| method == "POST");
        backend(self.root.path(), method, path, query, &header("content-type").unwrap_or_default(), &body, connection, cut)
    }

    fn batch(&self, body: &[u8]) -> Vec<u8> {
        let asked: Value = serde_json::from_slice(body).expect("a request for LFS is JSON");
        let state = self.state();
        let objects = asked["objects"].as_array().expect("objects").iter().map(|object| {
            let oid = object["oid"].as_str().expect("an oid");
            let found = json!({"download": {"href": format!("http://{}/large/{oid}", self.address)}});
            let missing = json!({"code": 404, "message": "no such object"});
            let (key, value) = if state.large_files.contains_key(oid) { ("actions", found) } else { ("error", missing) };
            json!({"oid": oid, "size": object["size"], key: value})
        });
        let objects: Vec<Value> = objects.collect();
        json!({"transfer": "basic", "objects": objects}).to_string().into_bytes()
    }
}

fn answer(mut writer: &TcpStream, (status, body): (u16, Vec<u8>), kind: &str) -> io::Result<()> {
    let length = body.len();
    write!(writer, "HTTP/1.1 {status} Whatever\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")?;
    writer.write_all(&body)
}

#[expect(clippy::too_many_arguments, reason = "what CGI passes on")]
fn backend(
    root: &Path,
    method: &str,
    path: &str,
    query: &str,
    kind: &str,
    body: &[u8],
    mut connection: &TcpStream,
    cut: Option<usize>,
) -> io::Result<()> {
    let mut child = Command::new("git")
        .arg("http-backend")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REQUEST_METHOD", method)
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query)
        .env("CONTENT_TYPE", kind)
        .env("CONTENT_LENGTH", body.len().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    // A backend that ends without having read everything is told by its answer.
    let _ = child.stdin.take().map(|mut stdin| stdin.write_all(body));
    let mut output = Vec::new();
    child.stdout.take().map_or(Ok(0), |mut stdout| stdout.read_to_end(&mut output))?;
    child.wait()?;
    let end = output.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(output.len().saturating_sub(4));
    let head = String::from_utf8_lossy(&output[..end]).into_owned();
    let (status, rest): (Vec<&str>, Vec<&str>) = head.split("\r\n").partition(|line| line.starts_with("Status: "));
    let status = status.first().map_or("200 OK", |line| &line["Status: ".len()..]);
    let content = &output[end + 4..];
    let length = content.len();
    write!(connection, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{}\r\n\r\n", rest.join("\r\n"))?;
    connection.write_all(&content[..cut.unwrap_or(length).min(length)])
}

/// Somebody who listens and does with each connection what he likes.
pub(crate) struct Stranger {
    pub(crate) address: String,
}

impl Stranger {
    /// `work` gets each connection after the head of a request was read from it.
    pub(crate) fn who(work: impl Fn(&TcpStream) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self::asked(move |_, connection| work(connection))
    }

    /// `work` also gets the first line of the request.
    pub(crate) fn asked(work: impl Fn(&str, &TcpStream) -> io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(ANY_PORT).expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let work = Arc::new(work);
        // It goes with the process of the tests.
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let work = Arc::clone(&work);
                thread::spawn(move || {
                    let mut reader = BufReader::new(&connection);
                    let (mut first, mut line) = (String::new(), String::new());
                    while reader.read_line(&mut line).is_ok_and(|count| count > 2) {
                        if first.is_empty() {
                            first.clone_from(&line);
                        }
                        line.clear();
                    }
                    // A client that has heard enough closes the connection.
                    let _ = work(&first, &connection);
                });
            }
        });
        Self { address }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/app.git", self.address)
    }
}

/// Writes a file that only its owner may read, as keys and tokens are kept.
pub(crate) fn private_file(path: &Path, content: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, content).expect("a file");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("permissions");
}
