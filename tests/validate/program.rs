//! The program in a directory of its own, with nothing in its environment and a limit on how long it may take.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Nothing here takes a second; what takes this long hangs.
const HANGS: Duration = Duration::from_secs(60);

/// A manifest that only needs its `spec`.
pub(super) const HEAD: &str = "apiVersion: zerverless.io/v1\nkind: Application\nmetadata:\n  name: shop\n  namespace: demo\n";

/// A directory to run in.
pub(super) struct Place {
    dir: TempDir,
}

impl Place {
    /// An empty directory.
    pub(super) fn empty() -> Self {
        Self { dir: tempfile::tempdir().expect("a directory") }
    }

    /// A directory with a manifest.
    pub(super) fn with_manifest(text: impl AsRef<[u8]>) -> Self {
        Self::empty().file("zerverless.yaml", text)
    }

    /// A directory with a manifest of which only the `spec` is given.
    pub(super) fn with_spec(spec: &str) -> Self {
        Self::with_manifest(format!("{HEAD}spec:\n{spec}"))
    }

    /// One more file.
    pub(super) fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
        fs::write(path, content).expect("a file");
        self
    }

    /// One more symlink.
    pub(super) fn link(self, name: &str, target: &str) -> Self {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
        std::os::unix::fs::symlink(target, path).expect("a link");
        self
    }

    /// One more FIFO, which nobody writes to.
    pub(super) fn fifo(self, name: &str) -> Self {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
        let (kind, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR);
        rustix::fs::mknodat(rustix::fs::CWD, path, kind, mode, 0).expect("a FIFO");
        self
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Runs `validate` with more arguments.
    pub(super) fn validate(&self, arguments: &[&str]) -> Said {
        self.run(&[&["validate"], arguments].concat())
    }

    /// Runs the program.
    #[track_caller]
    pub(super) fn run(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(self.path()).env_clear().env("COLUMNS", "100");
        Said::of(command)
    }
}

/// What was built.
pub(super) fn program() -> PathBuf {
    env!("CARGO_BIN_EXE_zerverless-gitops").into()
}

/// How a run ended.
#[derive(Debug)]
pub(super) struct Said {
    /// The exit status; none when a signal ended it.
    pub(super) status: Option<i32>,
    /// The result.
    pub(super) stdout: String,
    /// Everything else.
    pub(super) stderr: String,
}

impl Said {
    /// Runs `command` to its end, or fails the test when it does not come.
    #[track_caller]
    pub(super) fn of(mut command: Command) -> Self {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let id = Pid::from_child(&child);
        let (send, receive) = mpsc::channel();
        let waiting = std::thread::spawn(move || drop(send.send(child.wait_with_output())));
        let ended = receive.recv_timeout(HANGS);
        if ended.is_err() {
            let _ = kill_process(id, Signal::KILL);
        }
        waiting.join().expect("the thread that waits");
        let Output { status, stdout, stderr } = ended.expect("the program ends by itself").expect("an end");
        let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
        Self { status: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// Everything that was written.
    pub(super) fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Fails unless the manifest was refused, and says so in these words.
    #[track_caller]
    pub(super) fn refuses(&self, words: &str) {
        assert_eq!(self.status, Some(3), "{self:?}");
        assert!(self.unwrapped().contains(words), "{words:?} is not in\n{}", self.all());
    }

    /// Fails unless the manifest was accepted, and says so in these words.
    #[track_caller]
    pub(super) fn accepts(&self, words: &str) {
        assert_eq!(self.status, Some(0), "{}", self.all());
        assert!(self.unwrapped().contains(words), "{words:?} is not in\n{}", self.all());
    }

    /// The result with its lines joined again where they were wrapped.
    fn unwrapped(&self) -> String {
        self.stdout.replace("\n  │ ", " ").replace("\n        ", " ")
    }
}
