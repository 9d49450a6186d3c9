//! `history`: the last runs of an application.

use std::process::ExitCode;

use clap::Args;

use super::conclude;
use super::settings::Output;
use super::target::Target;
use crate::pipeline;
use crate::report;

pub(super) const EXAMPLES: &str = "Examples:\n  zerverless-gitops history\n  zerverless-gitops history myuser/my-services -o json";

#[derive(Debug, Args)]
pub(super) struct HistoryArgs {
    #[command(flatten)]
    pub(super) target: Target,
}

/// Shows the runs that the record remembers.
pub(super) async fn run(args: &HistoryArgs, output: &Output) -> ExitCode {
    let recorded = args.target.act(None, output, pipeline::recorded).await;
    conclude(recorded.map(|recorded| report::history(&recorded, output.format, &output.printer)), output)
}
