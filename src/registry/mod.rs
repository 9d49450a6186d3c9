//! What one watch process keeps: registered applications, how their last looks ended, and their runs, in a database on this machine.
//!
//! The record on the orchestrator says what an application owns and outranks everything here: a database that is lost or old costs registrations and
//! history, never items. Statements are those that Postgres understands as well.
//!
//! ```text
//! control ─ register, suspend, remove ─► applications ◄─ read at each look ─ watch
//!                                        runs         ◄─ what became of it ─
//! ```

mod application;
mod backup;
mod credential;
mod database;
mod error;
mod outcome;
mod reach;
mod repository;

pub use application::{Application, Registered, Registration};
pub use backup::{Contents, backup, check_directory, restore};
pub use credential::{Credential, Secret};
pub use database::Registry;
pub use error::RegistryError;
pub use outcome::{Changes, Condition, Ended, Operation, PastRun, SyncState};
pub use repository::{Allowed, Repository, RepositoryError};
