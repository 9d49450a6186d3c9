//! The `zerverless-gitops` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    zerverless_gitops::cli::run()
}
