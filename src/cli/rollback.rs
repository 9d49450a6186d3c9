//! `rollback`: an older commit is applied again, and stays until `resume`.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::args::Yes;
use super::confirm;
use super::runs::tell;
use super::settings::Output;
use super::target::{Patience, Target};
use crate::error::Error;
use crate::pipeline::{self, Run};
use crate::record::Head;
use crate::report::Verb;
use crate::source::{self, Location, Source, Wanted};

pub(super) const EXAMPLES: &str = "Examples:\n  zerverless-gitops rollback\n  zerverless-gitops rollback --to 2 --reason 'checkout is \
                                   broken'\n  zerverless-gitops rollback myuser/my-services --to 1a2b3c4d\n\nThe commit is read from SOURCE; with \
                                   NAMESPACE/NAME, from where the application was synced last (by https, when that was a URL).";

#[derive(Debug, Args)]
pub(super) struct RollbackArgs {
    /// How many applied commits to go back, or the commit itself [default: 1]
    #[arg(long, value_name = "COMMIT|N")]
    pub(super) to: Option<String>,
    /// Why; whoever tries to sync meanwhile is told
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    pub(super) patience: Patience,
    #[command(flatten)]
    pub(super) yes: Yes,
}

/// Goes back and stays there.
pub(super) async fn run(args: &RollbackArgs, output: &Output) -> ExitCode {
    tell(rollback(args, output).await, Verb::Sync, output)
}

async fn rollback(args: &RollbackArgs, output: &Output) -> Result<Run, Error> {
    let app = args.target.find(output)?;
    let mut session = args.target.session(Some(&args.patience), output).await?;
    session.context.confirm = confirm::before_deleting(&args.yes, output);
    let done = async {
        let recorded = pipeline::recorded(&app, &session.options, &session.context).await?;
        let head = recorded.head.ok_or_else(|| Error::NotRecorded(app.to_string()))?;
        let commit = pipeline::rollback_target(&head, args.to.as_deref())?;
        let (location, options) = place(args, &head, &commit, output)?;
        let opened = tokio::task::spawn_blocking(move || Source::open(&location, &options)).await;
        let source = Arc::new(opened.map_err(|error| Error::Unexpected(error.to_string()))??);
        let usual = format!("rolled back to {}", commit.get(..12).unwrap_or(&commit));
        let reason = args.reason.as_deref().unwrap_or(&usual);
        Ok(pipeline::rollback(&app, &source, reason, &session.options, &session.context).await)
    };
    let done = done.await;
    session.close().await;
    done
}

/// Where the commit is read from.
fn place(args: &RollbackArgs, head: &Head, commit: &str, output: &Output) -> Result<(Location, source::Options), Error> {
    let options = source::Options { wanted: Wanted::Revision(commit.to_owned()), ..args.target.git_options(output)? };
    if args.target.written()?.is_none() {
        return Ok((Location::parse(Path::new(&args.target.application))?, options));
    }
    let (location, below) = Location::recorded(&head.source)?;
    let below = below.as_deref();
    // What the record names below the repository is the manifest's directory, or the manifest when it has another name.
    let ending = below.and_then(|below| Path::new(below).extension());
    let is_file = ending.is_some_and(|ending| ending.eq_ignore_ascii_case("yaml") || ending.eq_ignore_ascii_case("yml"));
    let (subdir, file) = match below {
        Some(path) if is_file => path.rsplit_once('/').map_or((None, path), |(dir, file)| (Some(dir), file)),
        other => (other, options.file.as_str()),
    };
    Ok((location, source::Options { subdir: subdir.map(str::to_owned), file: file.to_owned(), ..options.clone() }))
}
