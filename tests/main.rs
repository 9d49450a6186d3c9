//! Behaviour of the program, one module for each family.

mod architecture;
mod concurrency;
mod contract;
mod docker;
mod faults;
mod functions;
mod generated;
mod git_cache;
mod git_hostile;
mod git_lfs;
mod git_local;
mod git_private;
mod git_sources;
mod interrupt;
mod local;
mod names;
mod ownership;
mod page;
mod paths;
mod plan;
mod support;
mod sync;
mod terminal;
mod validate;
mod validate_properties;
mod watch;
