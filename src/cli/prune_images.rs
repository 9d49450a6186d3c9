//! `prune-images`: removes images of ours that nobody uses any more.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::args::Connection;
use super::engine::EngineArgs;
use super::settings::{Output, config};
use super::{fail, finish, signals};
use crate::api::Client;
use crate::docker::{BuiltImage, Engine, Settings};
use crate::error::Error;
use crate::event::Reporter;
use crate::key::Namespace;
use crate::manifest::Runtime;
use crate::report;

/// So many tags of each function stay for a quick way back.
const KEEP: u16 = 2;

#[derive(Debug, Args)]
pub(super) struct PruneImagesArgs {
    /// How many of the newest images of each function stay, used or not; at least 1, which may be about to be deployed
    #[arg(long, value_name = "N", default_value_t = KEEP, value_parser = clap::value_parser!(u16).range(1..))]
    keep: u16,
    /// Only say what would be removed
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    connection: Connection,
}

/// Removes what nobody uses, and says what it was.
pub(super) async fn run(args: &PruneImagesArgs, output: &Output) -> ExitCode {
    let mut config = match config(&args.connection) {
        Ok(config) => config,
        Err(error) => return fail(&error, output),
    };
    let stop = signals::watch(config.hurry.clone());
    config.hurry = config.hurry.child_token();
    let reporter: Arc<dyn Reporter> = Arc::new(output.terminal());
    let pruning = async {
        let client = Client::connect(&config, reporter).await?;
        prune(&client, &args.engine.settings(), args.keep, args.dry_run).await
    };
    let pruned = tokio::select! {
        pruned = pruning => pruned,
        reason = stop.signalled() => Err(crate::pipeline::interrupted(reason)),
    };
    match pruned {
        Ok(removed) => finish(&report::images(&named(&removed), args.dry_run, output.format), None, &output.printer),
        Err(error) => fail(&error, output),
    }
}

/// After a sync: the same with the usual number, and a failure is only told.
pub(super) async fn after_sync(config: &crate::api::Config, settings: &Settings, output: &Output) {
    let reporter: Arc<dyn Reporter> = Arc::new(output.terminal());
    let pruned = async {
        let client = Client::connect(config, reporter).await?;
        prune(&client, settings, KEEP, false).await
    };
    match pruned.await {
        Ok(removed) if removed.is_empty() || output.detail.quiet => {}
        Ok(removed) => output.printer.say(&report::images(&named(&removed), false, report::Format::Human)),
        Err(error) => output.printer.say(&format!("warning: images were not pruned: {}\n", crate::key::printable(&error.to_string()))),
    }
}

fn named(images: &[BuiltImage]) -> Vec<(String, u64)> {
    images.iter().map(|image| (image.name.clone(), image.size)).collect()
}

async fn prune(client: &Client, settings: &Settings, keep: u16, dry_run: bool) -> Result<Vec<BuiltImage>, Error> {
    // Any namespace's listing names the containers of all.
    let any = Namespace::new("x").map_err(|error| Error::Unexpected(error.to_string()))?;
    let live = client.reader().functions(&any, Runtime::canonical).await?;
    let in_use: BTreeSet<String> = live.containers.into_iter().map(|container| container.image).collect();
    let engine = Engine::new(settings.clone());
    let mut removed = Vec::new();
    for image in engine.unused_images(&in_use, usize::from(keep)).await? {
        if dry_run || engine.remove_image(&image.name).await? {
            removed.push(image);
        }
    }
    Ok(removed)
}
