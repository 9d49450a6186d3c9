//! Behaviour of the program, one module for each family.

mod architecture;
mod contract;
mod generated;
mod validate;
mod validate_properties;
