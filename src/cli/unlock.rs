//! `unlock`: the runs that hold an application are declared dead by hand.

use std::process::ExitCode;

use clap::Args;

use super::conclude;
use super::settings::Output;
use super::target::Target;
use crate::error::Error;
use crate::pipeline;
use crate::report;

pub(super) const EXAMPLES: &str = "Examples:\n  zerverless-gitops unlock\n  zerverless-gitops unlock myuser/my-services\n\nIt is hardly ever needed: \
                                   a run that ended on this machine is recognised at once, one on another machine after a minute.\nA run that is \
                                   alive takes its claim back, or stops when another one has begun.";

#[derive(Debug, Args)]
pub(super) struct UnlockArgs {
    #[command(flatten)]
    pub(super) target: Target,
}

/// Marks every claim as dead.
pub(super) async fn run(args: &UnlockArgs, output: &Output) -> ExitCode {
    conclude(unlock(args, output).await, output)
}

async fn unlock(args: &UnlockArgs, output: &Output) -> Result<String, Error> {
    let app = args.target.find(output)?;
    let session = args.target.session(None, output).await?;
    let holders = pipeline::unlock(&app, &session.options, &session.context).await;
    session.close().await;
    Ok(report::unlocked(&app, &holders?, output.format, &output.printer))
}
