//! What the whole program does, seen from outside: one module for each family of behaviour.

mod contract;
