//! The manifest: `zerverless.yaml`, read twice.
//!
//! First as it was written: bytes → text → [`node`] with the place of every part → [`shape`], which knows the keys. Then as what it means:
//! serde_yaml fills the [`raw`] mirror, and [`validate`] makes an [`Application`] of it, a value in which nothing wrong can stand. All findings
//! of all steps come back at once, each with its place.

mod application;
mod container;
mod finding;
mod node;
mod parse;
mod raw;
mod rule;
mod shape;
mod validate;
mod write;
mod yaml_error;

pub use application::{Application, Build, CodeSource, Content, DeclaredSource, Function, Image, Place, Runtime, Static};
pub use finding::{Finding, SourceText, has_errors, sort};
pub use parse::{MANIFEST_FILE, MAX_MANIFEST, read};
pub use rule::{Rule, Severity};
pub use write::{WRITTEN_SITE, WrittenFunction, write};
