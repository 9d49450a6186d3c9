//! A directory to sync, and the program run in it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::app::App;
use super::process::{Outcome, Running};

/// A directory as it will be.
#[must_use]
#[derive(Default)]
pub(crate) struct Sandbox {
    files: BTreeMap<PathBuf, Vec<u8>>,
    repository: bool,
}

impl Sandbox {
    /// An empty one.
    pub(crate) fn empty() -> Self {
        Self::default()
    }

    /// One with a manifest.
    pub(crate) fn of(app: &App) -> Self {
        Self::empty().file("zerverless.yaml", app.yaml())
    }

    pub(crate) fn file(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        self.files.insert(name.into(), content.into());
        self
    }

    /// A file whose name need not be text.
    pub(crate) fn raw_file(mut self, name: &[u8], content: &str) -> Self {
        self.files.insert(std::ffi::OsStr::from_bytes(name).into(), content.into());
        self
    }

    /// Everything in one commit of a repository.
    pub(crate) fn repository(self) -> Self {
        Self { repository: true, ..self }
    }

    pub(crate) fn create(self) -> Checkout {
        let dir = tempfile::tempdir().expect("a directory");
        let checkout = Checkout { home: dir.path().join("home"), root: dir.path().join("work"), _dir: dir };
        fs::create_dir(&checkout.home).expect("a home");
        fs::create_dir(&checkout.root).expect("a directory");
        for (name, content) in &self.files {
            checkout.write(name, content);
        }
        if self.repository {
            checkout.start_repository();
        }
        checkout
    }
}

/// A directory as it is. It goes with the test.
pub(crate) struct Checkout {
    _dir: TempDir,
    home: PathBuf,
    root: PathBuf,
}

impl Checkout {
    /// Everything in the first commit of a repository.
    pub(crate) fn also_repository(self) -> Self {
        self.git(&["init", "--quiet", "--initial-branch", "main"]);
        self.commit();
        self
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.join(name)
    }

    /// A path in the home directory, where the user's configuration and caches are.
    pub(crate) fn home(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    /// The packs that were fetched into a cache of the home directory, sorted.
    pub(crate) fn fetched_packs(&self, cache: &str) -> Vec<PathBuf> {
        let files = walkdir::WalkDir::new(self.home(cache)).sort_by_file_name().into_iter().flatten().map(walkdir::DirEntry::into_path);
        files.filter(|file| file.extension().is_some_and(|ending| ending == "pack")).collect()
    }

    pub(crate) fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let file = self.path(name);
        fs::create_dir_all(file.parent().expect("a file lies in a directory")).expect("directories");
        fs::write(&file, content).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }

    /// Sets the executable bits of a file.
    pub(crate) fn set_executable(&self, name: &str, executable: bool) {
        use std::os::unix::fs::PermissionsExt;
        let mode = if executable { 0o755 } else { 0o644 };
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    pub(crate) fn remove(&self, name: &str) {
        let path = self.path(name);
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Puts another manifest in the place of the one that is there.
    pub(crate) fn declare(&self, app: &App) {
        self.write("zerverless.yaml", app.yaml());
    }

    /// Runs the real Git and returns what it printed.
    #[track_caller]
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(&self.root);
        self.clean(&mut git);
        for role in ["AUTHOR", "COMMITTER"] {
            git.env(format!("GIT_{role}_NAME"), "somebody").env(format!("GIT_{role}_EMAIL"), "somebody@example.com");
        }
        let done = git.env("GIT_CONFIG_NOSYSTEM", "1").output().expect("git is installed");
        assert!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }

    /// Puts everything into the first commit of a repository.
    #[track_caller]
    pub(crate) fn start_repository(&self) {
        self.git(&["init", "--quiet", "--initial-branch", "main"]);
        self.commit();
    }

    /// Commits everything and returns the commit.
    #[track_caller]
    pub(crate) fn commit(&self) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "a change"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// The program in this directory, with nothing of this process's environment but the search path.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zerverless-gitops"));
        command.args(arguments).current_dir(&self.root);
        self.clean(&mut command);
        command
    }

    /// Another program, started like this one.
    pub(crate) fn shell(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        self.clean(&mut command);
        command
    }

    fn clean(&self, command: &mut Command) {
        command.env_clear().env("HOME", &self.home);
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
    }

    #[track_caller]
    #[must_use]
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        Running::start(self.command(arguments)).finish()
    }

    /// `sync` of this directory to the orchestrator at `url`, with its result as JSON.
    #[track_caller]
    #[must_use]
    pub(crate) fn sync(&self, url: &str, more: &[&str]) -> Outcome {
        self.run(&[&["sync", "--server", url, "-o", "json"], more].concat())
    }

    /// The same `sync`, not waited for.
    pub(crate) fn start_sync(&self, url: &str, more: &[&str]) -> Running {
        Running::start(self.command(&[&["sync", "--server", url, "-o", "json"], more].concat()))
    }

    /// `diff` of this directory, with its result as JSON.
    #[track_caller]
    #[must_use]
    pub(crate) fn diff(&self, url: &str, more: &[&str]) -> Outcome {
        self.run(&[&["diff", "--server", url, "-o", "json"], more].concat())
    }
}
