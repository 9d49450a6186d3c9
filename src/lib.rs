//! Keeps a Zerverless namespace equal to what a Git repository declares.

pub mod api;
pub mod apply;
pub mod cli;
pub mod control;
pub mod docker;
pub mod error;
pub mod event;
pub mod files;
pub mod fingerprint;
pub mod key;
pub mod live;
pub mod local;
pub mod manifest;
pub mod pipeline;
pub mod plan;
pub mod record;
pub mod registry;
pub mod report;
pub mod source;
pub mod state;
pub mod syntax;
pub mod watch;
