//! `serve`: the embedded orchestrator until somebody ends it.

use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

use super::args::ServeArgs;
use super::orchestrator::{data_directory, server_options, unusable};
use super::settings::Output;
use super::{fail, signals};
use crate::local;

/// Serves the data of a directory.
pub(super) async fn run(args: &ServeArgs, output: &Output) -> ExitCode {
    let directory = data_directory(args.local.as_ref().and_then(Option::as_deref), &args.source);
    let stop = signals::watch(CancellationToken::new());
    let local = match local::attach(&directory, local::Options { listen: Some(args.listen), ..server_options() }).await {
        Ok(local) => local,
        Err(error) => return fail(&unusable(&error), output),
    };
    let already = if local.is_owner() { "" } else { " (another process serves it; this one takes over when that ends)" };
    let line = format!("serving {} at {}{already}\n", crate::key::printable(&directory.to_string_lossy()), local.url());
    if let Err(error) = output.printer.result(&line) {
        output.printer.say(&format!("warning: {error}\n"));
    }
    let ended = local
        .run_until(async move {
            stop.signalled().await;
        })
        .await;
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&unusable(&error), output),
    }
}
