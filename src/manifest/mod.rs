//! The manifest: `zerverless.yaml`, read twice.
//!
//! First as it was written: bytes → text → [`node`] with the place of every part → [`shape`], which compares it with the table of [`keys`]. Then as what it means:
//! serde_yaml fills the [`raw`] mirror, and [`validate`] makes an [`Application`] of it, a value in which nothing wrong can stand. All findings
//! of all steps come back at once, each with its place.

mod application;
mod container;
mod finding;
mod keys;
mod node;
mod parse;
mod raw;
mod rule;
mod scaffold;
mod schema;
mod shape;
mod validate;
mod write;
mod yaml_error;

pub use application::{Application, Build, CodeSource, Content, DeclaredSource, Function, Image, Place, Runtime, Static};
pub use finding::{Finding, SourceText, has_errors, sort};
pub use parse::{MANIFEST_FILE, MAX_MANIFEST, read};
pub use rule::{Rule, Severity};
pub use scaffold::{Proposal, ProposedFunction, ProposedSite, scaffold};
pub use schema::{SCHEMA_FILE, schema};
pub use validate::label_like;
pub use write::{WRITTEN_SITE, WrittenFunction, write};
