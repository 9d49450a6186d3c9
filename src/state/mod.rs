//! The two sides of a plan: what is declared and what is there. Pure but for reading the files of the source.

mod code;
mod content;
mod desired;
mod observed;

pub use content::{Contents, check, collect};
pub use desired::{Desired, DesiredFile, DesiredFunction, ServeOrder};
pub use observed::{FileContent, Neighbour, Observed, UnreadableRecord, unproven};
