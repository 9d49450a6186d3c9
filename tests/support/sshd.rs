//! A real `sshd` on loopback, and a real `ssh-agent`. Keys are made for each test.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::orchestrator::ANY_PORT;

const SSHD: &str = "/usr/sbin/sshd";

/// One `sshd` for each connection, as inetd would start it: no port has to be chosen before it is bound.
pub(crate) struct Sshd {
    dir: TempDir,
    port: u16,
    over: Arc<AtomicBool>,
}

impl Sshd {
    /// One whose host has a key of each of `kinds`.
    pub(crate) fn start(kinds: &[&str]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut config =
            String::from("UsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nLogLevel QUIET\n");
        for kind in kinds {
            let key = keygen(dir.path(), &format!("host_{kind}"), kind, "");
            config.extend(["HostKey ", &key.display().to_string(), "\n"]);
        }
        let programs = dir.path().join("programs");
        fs::create_dir(&programs).expect("a directory");
        config.extend(["SetEnv PATH=", &programs.display().to_string(), ":/usr/local/bin:/usr/bin:/bin\n"]);
        let (authorized, file) = (dir.path().join("authorized"), dir.path().join("config"));
        fs::write(&authorized, "").expect("a file");
        fs::write(&file, config + &format!("AuthorizedKeysFile {}\n", authorized.display())).expect("a file");
        // Where sshd separates its privileges; the package makes it when its service starts, which it does not in a container.
        let _ = fs::create_dir_all("/run/sshd");
        let listener = TcpListener::bind(ANY_PORT).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let over = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&over);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(input), Ok(output)) = (connection.try_clone(), connection.try_clone()) else { continue };
                let (input, output) = (std::os::fd::OwnedFd::from(input), std::os::fd::OwnedFd::from(output));
                let mut sshd = Command::new(SSHD);
                sshd.args(["-i", "-f"]).arg(&file).stdin(Stdio::from(input)).stdout(Stdio::from(output)).stderr(Stdio::null());
                let mut sshd = sshd.spawn().unwrap_or_else(|error| panic!("{SSHD}: {error}; .ci/run installs it"));
                drop(connection);
                thread::spawn(move || sshd.wait());
            }
        });
        Self { dir, port, over }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// A repository of this machine by ssh.
    pub(crate) fn url(&self, repository: &Path) -> String {
        format!("ssh://{}@127.0.0.1:{}{}", user(), self.port, repository.display())
    }

    /// Makes a key that may log in, or one that may not.
    pub(crate) fn key(&self, name: &str, kind: &str, passphrase: &str, allowed: bool) -> PathBuf {
        let key = keygen(self.dir.path(), name, kind, passphrase);
        if allowed {
            let public = fs::read_to_string(key.with_extension("pub")).expect("a public key");
            let authorized = self.dir.path().join("authorized");
            let before = fs::read_to_string(&authorized).expect("a file");
            fs::write(authorized, before + &public).expect("a file");
        }
        key
    }

    /// Makes a program that can be run there: a shell script.
    pub(crate) fn program(&self, name: &str, script: &str) {
        let file = self.dir.path().join("programs").join(name);
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("a program");
        fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("permissions");
    }

    /// A file with the host's key of `kind`, as `ssh-keyscan` writes it.
    pub(crate) fn known_hosts(&self, kind: &str) -> PathBuf {
        self.known_hosts_with(&self.dir.path().join(format!("host_{kind}.pub")))
    }

    /// A file with the host's ed25519 key, for who comes by another port.
    pub(crate) fn known_hosts_at(&self, port: u16) -> PathBuf {
        self.write_known_hosts(&self.dir.path().join("host_ed25519.pub"), port)
    }

    /// A file that says this public key is the host's.
    pub(crate) fn known_hosts_with(&self, public: &Path) -> PathBuf {
        self.write_known_hosts(public, self.port)
    }

    fn write_known_hosts(&self, public: &Path, port: u16) -> PathBuf {
        let public = fs::read_to_string(public).expect("a public key");
        let key = public.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        let file = self.dir.path().join("known_hosts");
        fs::write(&file, format!("[127.0.0.1]:{port} {key}\n")).expect("a file");
        file
    }
}

/// In the way to `port`: from the `after`th byte on, what comes from there drips, one byte every `pause`. Lasts as long as the process of the tests.
pub(crate) fn dripping(port: u16, after: usize, pause: Duration) -> u16 {
    let listener = TcpListener::bind(ANY_PORT).expect("a free port");
    let own = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
            let (Ok(mut from_client), Ok(mut to_server)) = (client.try_clone(), server.try_clone()) else { continue };
            thread::spawn(move || io::copy(&mut from_client, &mut to_server));
            thread::spawn(move || drip(server, client, after, pause));
        }
    });
    own
}

fn drip(mut from: TcpStream, mut to: TcpStream, after: usize, pause: Duration) -> io::Result<()> {
    let (mut passed, mut piece) = (0, [0; 4096]);
    loop {
        let count = from.read(&mut piece)?;
        if count == 0 {
            return Ok(());
        }
        let quick = count.min(after.saturating_sub(passed));
        to.write_all(&piece[..quick])?;
        for byte in &piece[quick..count] {
            thread::sleep(pause);
            to.write_all(&[*byte])?;
        }
        passed += count;
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// Runs a program of OpenSSH.
#[track_caller]
pub(crate) fn openssh(program: &str, arguments: &[&str], agent: Option<&Agent>) {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).env_remove("SSH_AUTH_SOCK");
    if let Some(agent) = agent {
        command.env("SSH_AUTH_SOCK", agent.socket());
    }
    let done = command.output().unwrap_or_else(|error| panic!("{program}: {error}; .ci/run installs it"));
    assert!(done.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

fn keygen(dir: &Path, name: &str, kind: &str, passphrase: &str) -> PathBuf {
    let key = dir.join(name);
    openssh("ssh-keygen", &["-q", "-t", kind, "-N", passphrase, "-C", name, "-f", &key.display().to_string()], None);
    key
}

/// Who runs the tests.
fn user() -> String {
    let id = Command::new("id").arg("-un").output().expect("id");
    String::from_utf8_lossy(&id.stdout).trim().to_owned()
}

/// A real `ssh-agent` with a socket of its own.
pub(crate) struct Agent {
    dir: TempDir,
    child: Child,
}

impl Agent {
    pub(crate) fn start() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let socket = dir.path().join("agent");
        let child = Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let agent = Self { dir, child: child.expect("ssh-agent is installed; .ci/run does it") };
        for _ in 0..500 {
            if std::os::unix::net::UnixStream::connect(&socket).is_ok() {
                return agent;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("the agent does not listen");
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.path().join("agent")
    }

    #[track_caller]
    pub(crate) fn add(&self, key: &Path) {
        openssh("ssh-add", &["-q", &key.display().to_string()], Some(self));
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
