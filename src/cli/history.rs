//! `history`: the last runs of an application.

use std::process::ExitCode;

use clap::Args;

use super::conclude;
use super::settings::Output;
use super::target::Target;
use crate::error::Error;
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
    conclude(history(args, output).await, output)
}

async fn history(args: &HistoryArgs, output: &Output) -> Result<String, Error> {
    let app = args.target.find(output)?;
    let session = args.target.session(None, output).await?;
    let recorded = pipeline::recorded(&app, &session.options, &session.context).await;
    session.close().await;
    Ok(report::history(&recorded?, output.format, &output.printer))
}
