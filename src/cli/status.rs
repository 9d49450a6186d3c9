//! `status`: what is recorded of an application, and whether it is still so.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::conclude;
use super::settings::Output;
use super::target::Target;
use crate::error::Error;
use crate::pipeline;
use crate::report;

pub(super) const EXAMPLES: &str = "Examples:\n  zerverless-gitops status\n  zerverless-gitops status myuser/my-services -o json\n  \
                                   zerverless-gitops status --verify full\n\nIt compares what is live with the record and, when SOURCE is one, says how \
                                   many items a sync of it would change; `diff` shows them.";

#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    #[command(flatten)]
    pub(super) target: Target,
}

/// Shows an application beside what is live.
pub(super) async fn run(args: &StatusArgs, output: &Output) -> ExitCode {
    conclude(status(args, output).await, output)
}

async fn status(args: &StatusArgs, output: &Output) -> Result<String, Error> {
    let source = if args.target.written()?.is_none() { Some(Arc::new(args.target.open(output)?)) } else { None };
    let app = args.target.find_in(source.as_deref())?;
    let session = args.target.session(None, output).await?;
    let status = match &source {
        Some(source) => pipeline::status_against(&app, source, &session.options, &session.context).await,
        None => pipeline::status(&app, &session.options, &session.context).await,
    };
    session.close().await;
    Ok(report::status(&status?, output.format, output.detail, &output.printer))
}
