//! `release`: an application is forgotten, and everything it placed stays.

use std::process::ExitCode;

use clap::Args;

use super::conclude;
use super::settings::Output;
use super::target::{Patience, Target};
use crate::pipeline;
use crate::report;

pub(super) const EXAMPLES: &str = "Examples:\n  zerverless-gitops release\n  zerverless-gitops release myuser/old-name";

#[derive(Debug, Args)]
pub(super) struct ReleaseArgs {
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    pub(super) patience: Patience,
}

/// Removes the record alone.
pub(super) async fn run(args: &ReleaseArgs, output: &Output) -> ExitCode {
    let released = args.target.act(Some(&args.patience), output, pipeline::release).await;
    conclude(released.map(|released| report::released(&released, output.format, &output.printer)), output)
}
