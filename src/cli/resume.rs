//! `resume`: syncs are allowed again after a rollback.

use std::process::ExitCode;

use clap::Args;

use super::conclude;
use super::settings::Output;
use super::target::{Patience, Target};
use crate::error::Error;
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
    conclude(resume(args, output).await, output)
}

async fn resume(args: &ResumeArgs, output: &Output) -> Result<String, Error> {
    let app = args.target.find(output)?;
    let session = args.target.session(Some(&args.patience), output).await?;
    let resumed = pipeline::resume(&app, &session.options, &session.context).await;
    session.close().await;
    Ok(report::resumed(&resumed?, output.format, &output.printer))
}
