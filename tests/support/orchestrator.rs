//! The server under the tests: the program's embedded one as a process of its own, or a real one when `ZERVERLESS_E2E_URL` names it.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};

use rustix::process::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::http::{self, Reply, encode};
use super::proxy::Proxy;

/// A server and a namespace of it that nobody else uses. On a real server other tests run beside this one.
pub(crate) struct Orchestrator {
    url: String,
    namespace: String,
    served: Option<Served>,
}

struct Served {
    child: Child,
    data: TempDir,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Orchestrator {
    pub(crate) fn start() -> Self {
        let (url, served) = if let Ok(url) = std::env::var("ZERVERLESS_E2E_URL") {
            (url.trim_end_matches('/').to_owned(), None)
        } else {
            let (url, served) = serve(fresh_data(), &[]);
            (url, Some(served))
        };
        Self { url, namespace: fresh_namespace(), served }
    }

    /// Kills the server and starts it again over the same data, somewhere else. A real one is left alone.
    pub(crate) fn restart(&mut self) {
        let Some(mut served) = self.served.take() else { return };
        let data = std::mem::replace(&mut served.data, fresh_data());
        drop(served);
        let (url, served) = serve(data, &[]);
        (self.url, self.served) = (url, Some(served));
    }

    /// The embedded one, whatever the environment says, with more arguments.
    pub(crate) fn embedded(arguments: &[&str]) -> Self {
        let (url, served) = serve(fresh_data(), arguments);
        Self { url, namespace: fresh_namespace(), served: Some(served) }
    }

    /// The embedded server's process.
    pub(crate) fn process(&self) -> Pid {
        Pid::from_child(&self.served.as_ref().expect("a server of this test").child)
    }

    /// `--local=…` for other processes that use the embedded server's data.
    pub(crate) fn local(&self) -> String {
        let data = &self.served.as_ref().expect("a server of this test").data;
        format!("--local={}", data.path().join("data").display())
    }

    /// Waits until the embedded server has ended and returns its exit status.
    #[track_caller]
    pub(crate) fn ended(&mut self) -> Option<i32> {
        self.served.as_mut().expect("a server of this test").child.wait().expect("a child can be waited for").code()
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    pub(crate) fn address(&self) -> &str {
        self.url.strip_prefix("http://").expect("tests speak plain http")
    }

    #[track_caller]
    pub(crate) fn send(&self, method: &str, target: &str, body: &[u8]) -> Reply {
        http::send(self.address(), method, target, &[], body).unwrap_or_else(|error| panic!("{method} {target}: {error}"))
    }

    /// Runtime and code of every function of the namespace, by path.
    #[track_caller]
    pub(crate) fn functions(&self) -> BTreeMap<String, (String, String)> {
        self.functions_of(&self.namespace)
    }

    #[track_caller]
    pub(crate) fn functions_of(&self, namespace: &str) -> BTreeMap<String, (String, String)> {
        let listing = self.send("GET", "/api/deploy", b"").parsed();
        let all = listing["deployments"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let own = all.iter().filter(|function| function["user"] == namespace);
        own.map(|function| (text(&function["path"]), (text(&function["runtime"]), text(&function["code"])))).collect()
    }

    /// The content of every static file of the namespace, by name.
    #[track_caller]
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.files_of(&self.namespace)
    }

    #[track_caller]
    pub(crate) fn files_of(&self, namespace: &str) -> BTreeMap<String, Vec<u8>> {
        let reply = self.send("GET", &format!("/api/storage/{namespace}/"), b"");
        // What a namespace that was never written to answers.
        if reply.status == 500 {
            return BTreeMap::new();
        }
        let names = reply.parsed()["files"].as_array().cloned().unwrap_or_default();
        let names = names.into_iter().map(|name| name.as_str().expect("a name").to_owned());
        names
            .map(|name| {
                let file = self.send("GET", &format!("/api/storage/{namespace}/{}", encode(&name)), b"");
                assert_eq!(file.status, 200, "{name:?} is listed");
                (name, file.body)
            })
            .collect()
    }

    /// Which keys of an application's record are on the server, as one letter each: `h` a head, `r` a claim, `s` a shard. A run of the
    /// application, the only one of its namespace, went through `proxy`.
    #[track_caller]
    pub(crate) fn record(&self, proxy: &Proxy) -> String {
        let keys = |prefix: &str| {
            let listing = self.send("GET", &format!("/api/db/zerverless-gitops/?prefix={prefix}"), b"").parsed();
            listing["keys"].as_array().cloned().unwrap_or_default().into_iter().map(|key| key.as_str().expect("a key").to_owned())
        };
        let listing = proxy.sent("GET /api/db/zerverless-gitops/?prefix=m.").pop().expect("the records are listed");
        let members: Vec<String> = keys(listing.split("prefix=").nth(1).expect("a prefix")).collect();
        let application = members[0].split('.').take(3).collect::<Vec<_>>().join(".").replacen('m', "s", 1);
        let kinds = members.iter().map(|key| key.split('.').nth(3).expect("a kind").to_owned());
        kinds.chain(keys(&application).map(|_| "s".to_owned())).collect()
    }

    /// Places a static file as somebody else would.
    #[track_caller]
    pub(crate) fn put_file(&self, name: &str, content: &str) {
        let reply = self.send("PUT", &format!("/api/storage/{}/{}", self.namespace, encode(name)), content.as_bytes());
        assert_eq!(reply.status, 201, "{name}");
    }

    #[track_caller]
    pub(crate) fn delete_file(&self, name: &str) {
        let reply = self.send("DELETE", &format!("/api/storage/{}/{}", self.namespace, encode(name)), b"");
        assert_eq!(reply.status, 204, "{name}");
    }

    /// Deploys a Lua function as somebody else would.
    #[track_caller]
    pub(crate) fn deploy(&self, path: &str, code: &str) {
        self.deploy_as("lua", path, code);
    }

    #[track_caller]
    pub(crate) fn deploy_as(&self, runtime: &str, path: &str, code: &str) {
        let body = json!({"runtime": runtime, "code": code}).to_string();
        let reply = self.send("POST", &format!("/api/deploy/{}{}", self.namespace, encode(path)), body.as_bytes());
        assert_eq!(reply.status, 201, "{path}");
    }
}

fn fresh_data() -> TempDir {
    tempfile::tempdir().expect("a directory for the server")
}

fn serve(data: TempDir, arguments: &[&str]) -> (String, Served) {
    let child = Command::new(env!("CARGO_BIN_EXE_zerverless-gitops"))
        .arg("serve")
        .arg(format!("--local={}", data.path().join("data").display()))
        .args(["--listen", "127.0.0.1:0", "--quiet"])
        .args(arguments)
        .current_dir(data.path())
        .env_clear()
        .env("HOME", data.path())
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(std::env::var_os("DOCKER_HOST").map(|engine| ("DOCKER_HOST", engine)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("the program starts");
    // From here on the child is ended with the test.
    let mut served = Served { child, data };
    let stdout = served.child.stdout.take().expect("stdout is piped");
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).expect("`serve` says where it listens");
    let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap_or_else(|| panic!("no URL in {line:?}"));
    (url.trim_end_matches('/').to_owned(), served)
}

/// An address that refuses every connection for as long as the socket lives: bound, and nobody listens.
pub(crate) fn nobody_listens(address: SocketAddr) -> std::io::Result<tokio::net::TcpSocket> {
    let socket = tokio::net::TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// A namespace that nobody else uses, on whichever server.
pub(crate) fn fresh_namespace() -> String {
    format!("e2e-{:016x}", RandomState::new().hash_one(std::process::id()))
}

/// Any free port of the loopback interface.
pub(crate) const ANY_PORT: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);
