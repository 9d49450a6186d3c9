//! `serve`: the embedded orchestrator until somebody ends it.

use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

use super::args::ServeArgs;
use super::logs::{addresses, tell};
use super::orchestrator::{data_directory, unusable};
use super::settings::Output;
use super::{fail, signals};
use crate::docker::local_socket;
use crate::local;

/// Serves the data of a directory.
pub(super) async fn run(args: &ServeArgs, output: &Output) -> ExitCode {
    let directory = data_directory(args.local.as_ref().and_then(Option::as_deref), &args.source);
    let stop = signals::watch(CancellationToken::new());
    let serving = local::Options { engine: local_socket(&args.engine.settings()), ..args.serving.at(args.listen) };
    let local = match local::attach(&directory, serving).await {
        Ok(local) => local,
        Err(error) => return fail(&unusable(&error), output),
    };
    let already = if local.is_owner() { "" } else { " (another process serves it its way; this one takes over when that ends)" };
    let mut text = format!("serving {} at {}{already}\n", crate::key::printable(&directory.to_string_lossy()), local.url());
    if !output.detail.quiet {
        text.push_str(&addresses(local.url(), &args.source, &output.printer).await.unwrap_or_default());
    }
    if let Err(error) = output.printer.result(&text) {
        output.printer.say(&format!("warning: {error}\n"));
    }
    if !output.detail.quiet {
        let (url, output) = (local.url().to_owned(), *output);
        tokio::spawn(async move { tell(&url, &output).await });
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
