//! `validate`: what people are told about a manifest and about what it names, without an orchestrator.

mod cases;
mod changed;
mod formats;
mod hostile;
mod init;
mod newcomers;
mod paths;
mod program;
mod schema;
mod secrets;
