//! Behaviour of the program, one module for each family.

mod architecture;
mod contract;
mod faults;
mod generated;
mod interrupt;
mod names;
mod ownership;
mod paths;
mod plan;
mod support;
mod sync;
mod terminal;
