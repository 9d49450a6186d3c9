//! Keeps a Zerverless namespace equal to what a Git repository declares.

/// The embedded orchestrator: the server's API over a directory on this machine.
pub mod local;
