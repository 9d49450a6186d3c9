//! The two sides of a plan: what is declared and what is there. Pure but for reading the files of the source.

mod code;
mod code_rules;
mod container;
mod content;
mod desired;
mod discover;
mod dockerfile;
mod image;
mod missing;
mod observed;
mod site_rules;

pub use container::DOCKER;
pub use content::{Contents, check, collect};
pub use desired::{Desired, DesiredFile, DesiredFunction, ServeOrder};
pub use discover::discover;
pub use image::{IMAGE_PREFIX, ImageBuild, ImageSource};
pub use observed::{FileContent, Neighbour, Observed, UnreadableRecord, unproven};
