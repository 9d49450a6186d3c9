//! The `zerverless-gitops` binary.

fn main() {}
