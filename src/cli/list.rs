//! `list`: all applications of the orchestrator.

use std::process::ExitCode;

use std::path::Path;

use clap::Args;

use super::args::Server;
use super::conclude;
use super::settings::Output;
use super::target::Session;
use crate::error::Error;
use crate::pipeline;
use crate::report;

pub(super) const EXAMPLES: &str = "Examples:\n  zerverless-gitops list\n  zerverless-gitops list --namespace myuser -o json";

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    pub(super) server: Server,
}

/// Shows what is recorded, of all namespaces or of one.
pub(super) async fn run(args: &ListArgs, output: &Output) -> ExitCode {
    conclude(list(args, output).await, output)
}

async fn list(args: &ListArgs, output: &Output) -> Result<String, Error> {
    let session = Session::open(&args.server, Path::new("."), None, output).await?;
    let listed = pipeline::list(&session.options, &session.context).await;
    session.close().await;
    let (applications, nameless) = listed?;
    Ok(report::list(&applications, &nameless, output.format, &output.printer))
}
