//! `destroy`: everything that an application placed is deleted, and then its record.

use std::process::ExitCode;

use clap::Args;

use super::args::Yes;
use super::confirm;
use super::runs::tell;
use super::settings::Output;
use super::target::{Patience, Target};
use crate::error::Error;
use crate::pipeline::{self, Run};
use crate::report::Verb;

pub(super) const EXAMPLES: &str = "Examples:\n  zerverless-gitops destroy\n  zerverless-gitops destroy myuser/my-services --yes\n\nWhat other \
                                   applications own, and what nobody recorded, stays. Without a terminal it wants --yes.";

#[derive(Debug, Args)]
pub(super) struct DestroyArgs {
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    pub(super) patience: Patience,
    #[command(flatten)]
    pub(super) yes: Yes,
}

/// Deletes all of it.
pub(super) async fn run(args: &DestroyArgs, output: &Output) -> ExitCode {
    tell(destroy(args, output).await, Verb::Destroy, output)
}

async fn destroy(args: &DestroyArgs, output: &Output) -> Result<Run, Error> {
    let app = args.target.find(output)?;
    let mut session = args.target.session(Some(&args.patience), output).await?;
    session.context.confirm = confirm::before_destroying(&args.yes, output);
    let run = pipeline::destroy(&app, &session.options, &session.context).await;
    session.close().await;
    Ok(run)
}
