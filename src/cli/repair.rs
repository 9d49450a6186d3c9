//! `repair`: a damaged or lost record is rebuilt from the source and from what is live.

use std::process::ExitCode;

use std::sync::Arc;

use clap::Args;

use super::conclude;
use super::runs::named;
use super::settings::Output;
use super::target::{Patience, Target};
use crate::error::Error;
use crate::pipeline;
use crate::report;

pub(super) const EXAMPLES: &str = "Examples:\n  zerverless-gitops repair\n  zerverless-gitops repair path/to/app\n\nNo function and no file is \
                                   touched. What is declared and live is recorded as the application's, what differs is written by the next sync.";

#[derive(Debug, Args)]
pub(super) struct RepairArgs {
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    pub(super) patience: Patience,
}

/// Puts a record that can be read in the place of what cannot.
pub(super) async fn run(args: &RepairArgs, output: &Output) -> ExitCode {
    conclude(repair(args, output).await, output)
}

async fn repair(args: &RepairArgs, output: &Output) -> Result<String, Error> {
    let source = Arc::new(args.target.open(output)?);
    let session = args.target.session(Some(&args.patience), output).await?;
    let repaired = pipeline::repair(&source, &session.options, &session.context).await;
    session.close().await;
    if let Err(Error::Invalid(findings)) = &repaired {
        let names: Vec<String> = findings.iter().map(|finding| named(Some(&source), finding)).collect();
        output.printer.say(&report::findings(findings, &names, &output.printer));
    }
    Ok(report::repaired(&repaired?, output.format, &output.printer))
}
