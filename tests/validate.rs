//! `validate`: what people are told about a manifest and about what it names, without an orchestrator.

mod cases;
mod formats;
mod hostile;
mod paths;
mod program;
mod secrets;
