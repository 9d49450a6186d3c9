//! Images before anything else: what a planned function names has to be on the engine, or nothing is sent.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::Context;
use crate::docker::EngineError;
use crate::event::{Event, Stage};
use crate::plan::{Action, Plan};
use crate::state::{Desired, ImageSource};

/// Builds and pulls that run side by side; an engine works on each with all it has.
const SIDE_BY_SIDE: usize = 3;

/// Builds and pulls the images of all functions that will be deployed; false when they were all there. The first failure ends the others.
pub async fn images(context: &Context, plan: &Plan, desired: &Desired) -> Result<bool, EngineError> {
    let deployed = plan.changes.iter().filter(|change| change.action.writes_item() && change.action != Action::Delete);
    let functions = deployed.filter_map(|change| Some((&change.key.name, desired.functions.get(&change.key)?)));
    let needed: Vec<_> = functions.filter_map(|(path, function)| Some((path, function, function.image.as_ref()?))).collect();
    if needed.is_empty() {
        return Ok(false);
    }
    context.reporter.event(&Event::StageStarted { stage: Stage::Build, items: needed.len() as u64, bytes: 0 });
    let made = stream::iter(needed).map(async |(path, function, image)| {
        let made = match image {
            ImageSource::Build(build) => context.engine.build(path, build, Arc::clone(&context.tree), context.reporter.as_ref()).await,
            ImageSource::Pull => context.engine.pull(path, &function.code, context.reporter.as_ref()).await,
        }?;
        context.reporter.event(&Event::Progress { items: 1, bytes: 0 });
        Ok(made)
    });
    let made = made.buffer_unordered(SIDE_BY_SIDE).try_fold(false, async |any, made| Ok(any || made)).await;
    context.reporter.event(&Event::StageFinished(Stage::Build));
    made
}
