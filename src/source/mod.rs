//! Where the files of a run come from. Every source gives a [`crate::files::Tree`] of exactly one revision.
//!
//! A directory is read as it is (the working tree, less what Git ignores). A URL, or a repository at a revision, is read from one commit: the names of the
//! remote are asked for once, the commit is fetched into a bare repository of the [`cache`] unless it is there, and its files are read from Git's
//! objects. libgit2 keeps the objects and speaks Git's protocol; who is connected to, with which credentials and for how long is decided here.
//!
//! ```text
//! location ─► wanted ─► repository ─► objects ─► commit_tree
//!  which URL   which     cache, remote  read with   the files
//!              commit    http, ssh      caps
//! ```

mod cache;
mod changes;
mod commit_tree;
mod credentials;
mod directory;
mod error;
mod fingerprints;
mod history;
mod http;
mod identity;
mod incoming;
mod known_hosts;
mod lfs;
mod libgit2;
mod location;
mod memory;
mod objects;
mod opened;
mod remote;
mod repository;
mod rest;
mod screen;
mod session;
mod ssh;
mod stored_form;
mod wanted;

pub use cache::Cache;
pub use changes::Changes;
pub use credentials::Credentials;
pub use error::SourceError;
pub use identity::normalise_url;
pub use location::{Location, RemoteUrl};
pub use opened::{Options, RemoteHead, Revision, Source, remote_head};
pub use rest::{git_dir, under_way};
pub use screen::Screen;
pub use session::Limits;
pub use wanted::Wanted;
