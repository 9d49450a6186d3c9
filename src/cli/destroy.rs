//! `destroy`: everything that an application placed is deleted, and then its record.

use std::process::ExitCode;

use clap::Args;

use super::args::Yes;
use super::settings::Output;
use super::target::{Patience, Session, Target};
use super::{confirm, fail, finish};
use crate::error::Error;
use crate::pipeline::{self, Run};
use crate::report::{self, Verb};

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
    let run = match destroy(args, output).await {
        Ok(run) => run,
        Err(error) => return fail(&error, output),
    };
    if let Some(error) = &run.error {
        output.printer.say(&report::failure(error, &[], false, &output.printer));
    }
    let class = run.error.as_ref().map(Error::class);
    finish(&report::runs(&[run], Verb::Destroy, output.format, output.detail, &output.printer), class, &output.printer)
}

async fn destroy(args: &DestroyArgs, output: &Output) -> Result<Run, Error> {
    let app = args.target.find(output)?;
    let mut session = Session::open(&args.target.server, &args.target.directory(), Some(&args.patience), output).await?;
    session.context.confirm = confirm::before_destroying(&args.yes, output);
    let run = pipeline::destroy(&app, &session.options, &session.context).await;
    session.close().await;
    Ok(run)
}
