//! `resume`: syncs are allowed again after a rollback.

use std::process::ExitCode;

use clap::Args;

use super::conclude;
use super::settings::Output;
use super::target::{Patience, Target};
use crate::pipeline;
use crate::report;

pub(super) const EXAMPLES: &str = "Examples:\n  zerverless-gitops resume\n  zerverless-gitops resume myuser/my-services";

#[derive(Debug, Args)]
pub(super) struct ResumeArgs {
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    pub(super) patience: Patience,
}

/// Lifts the hold.
pub(super) async fn run(args: &ResumeArgs, output: &Output) -> ExitCode {
    let resumed = args.target.act(Some(&args.patience), output, pipeline::resume).await;
    conclude(resumed.map(|resumed| report::resumed(&resumed, output.format, &output.printer)), output)
}
