//! Why a source cannot be used.

use std::path::PathBuf;
use std::time::Duration;

use miette::Diagnostic;
use thiserror::Error;

/// Why a source cannot be used. Places are shown without credentials.
#[derive(Debug, Clone, Error, Diagnostic)]
#[non_exhaustive]
pub enum SourceError {
    /// The directory is not there.
    #[error("`{}` is not a directory that can be read: {reason}", path.display())]
    #[diagnostic(help("name the directory that holds zerverless.yaml"))]
    NotADirectory {
        /// As given.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A URL that is not used.
    #[error("`{url}` {reason}")]
    #[diagnostic(help("a source is a directory, https://…, ssh://…, git@host:path or file:///…"))]
    BadUrl {
        /// Without credentials.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The manifest's name leads somewhere else.
    #[error("`{0}` is not a path below the source")]
    #[diagnostic(help("--subdir and --file are relative to SOURCE and stay inside the repository"))]
    ManifestPath(String),
    /// The repository belongs to somebody else, who could make Git run things.
    #[error("the repository at `{}` belongs to another user", path.display())]
    #[diagnostic(help("if you trust it: git config --global --add safe.directory {}", path.display()))]
    OtherOwner {
        /// Where.
        path: PathBuf,
    },
    /// A commit was asked for where there is no repository.
    #[error("there is no Git repository at `{}`", path.display())]
    #[diagnostic(help("--branch and --revision read a commit: name a repository, or leave them out to take the files as they are"))]
    NoRepository {
        /// Where.
        path: PathBuf,
    },
    /// No commit to compare with.
    #[error("nothing can be compared with `{reference}`: {reason}")]
    #[diagnostic(help(
        "name a commit, a branch or a tag of the checkout; a clone in CI often holds only the newest commit, until `fetch-depth: 0` (GitHub) or `GIT_DEPTH: 0` (GitLab)"
    ))]
    NoBase {
        /// As it was typed.
        reference: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Anything else that Git says.
    #[error("cannot read the repository around `{}`: {reason}", path.display())]
    Git {
        /// Where.
        path: PathBuf,
        /// What libgit2 said.
        reason: String,
    },
    /// The user's, the machine's or a repository's own configuration is damaged.
    #[error("Git's configuration cannot be read: {0}")]
    #[diagnostic(help("mend that file; `git config --list` stumbles over it too"))]
    Configuration(String),
    /// libgit2 cannot be set up.
    #[error("libgit2 cannot be used: {0}")]
    Libgit2(String),
    /// Another commit was checked out while the files were read.
    #[error("another commit was checked out while the files were read")]
    #[diagnostic(help("run it again when the repository is at rest"))]
    Moved,
    /// No manifest below a directory.
    #[error("there is no {name} below `{}`", path.display())]
    #[diagnostic(help("name a directory that holds manifests, or leave out --recursive"))]
    NoManifests {
        /// Where.
        path: PathBuf,
        /// The file that was looked for.
        name: String,
    },
    /// Nothing was ever pushed.
    #[error("{place} is empty: it has no branches")]
    #[diagnostic(help("push a commit first"))]
    EmptyRepository {
        /// Which repository.
        place: String,
    },
    /// No such branch, tag or commit.
    #[error("{place} has no {what}")]
    #[diagnostic(help("{help}"))]
    NoRevision {
        /// Which repository.
        place: String,
        /// What was asked for.
        what: String,
        /// What there is.
        help: String,
    },
    /// The other side cannot be reached, or does not answer as a Git server does.
    #[error("cannot read {url}: {reason}")]
    #[diagnostic(help("{help}"))]
    Remote {
        /// Which repository.
        url: String,
        /// What went wrong.
        reason: String,
        /// What to do.
        help: &'static str,
    },
    /// Every credential was refused.
    #[error("{url} refused access; tried: {}", tried.join(", "))]
    #[diagnostic(help("{help}"))]
    Refused {
        /// Which repository.
        url: String,
        /// What was tried, in order; never a secret.
        tried: Vec<String>,
        /// What else there is.
        help: &'static str,
    },
    /// The other side wants us somewhere else.
    #[error("{url} redirects to {to}, and redirects are not followed")]
    #[diagnostic(help("if you trust that place, name it instead: credentials are only sent to the host that was named"))]
    Redirected {
        /// Which repository.
        url: String,
        /// Where to.
        to: String,
    },
    /// The host has another key than is known, or none is known.
    #[error("{reason}")]
    #[diagnostic(help("{help}"))]
    HostKey {
        /// What is wrong.
        reason: String,
        /// What to do.
        help: String,
    },
    /// Nothing more came, or it took too long.
    #[error("{url} {what} ({after:?})")]
    #[diagnostic(help("--git-timeout is how long it may be silent, --git-deadline how long fetching may take in all"))]
    TimedOut {
        /// Which repository.
        url: String,
        /// What did not happen in time.
        what: &'static str,
        /// After how long.
        after: Duration,
    },
    /// The run was asked to stop.
    #[error("stopped while reading {url}")]
    Stopped {
        /// Which repository.
        url: String,
    },
    /// A credential that was given cannot be used.
    #[error("{flag}: {reason}")]
    Credential {
        /// Where it was given.
        flag: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The cache cannot be used.
    #[error("the cache at `{}` cannot be used: {reason}", path.display())]
    #[diagnostic(help("give another directory with --cache-dir, or keep nothing with --no-cache"))]
    Cache {
        /// Where.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
}
