//! Removing an application: everything it owns, and then its record.

use std::sync::Arc;

use super::check::Prepared;
use super::sync::{Goal, carry_out};
use super::{Context, Options, Run, lock};
use crate::api::Client;
use crate::error::Error;
use crate::files::EmptyTree;
use crate::key::AppId;
use crate::plan::{DeleteLimit, Policy};
use crate::state::Desired;

/// Deletes everything that `app` owns, in the order and with the care of a sync that declares nothing any more, and then its record.
pub async fn destroy(app: &AppId, options: &Options, context: &Context) -> Run {
    let mut run = Run { app: Some(app.clone()), url: options.server.url.clone(), verified: options.verify, ..Run::default() };
    let result = try_destroy(app, options, context, &mut run).await;
    run.error = result.err().map(|error| lock::or_interrupted(error, &context.stop));
    run
}

async fn try_destroy(app: &AppId, options: &Options, context: &Context, run: &mut Run) -> Result<(), Error> {
    let client = lock::unless_signalled(&context.stop, Client::connect(&options.server, Arc::clone(&context.reporter))).await??;
    // That everything goes is what was asked for; whether it is meant is asked before the first write.
    let policy = Policy {
        allow_empty: true,
        allow_older: true,
        rebind: true,
        max_delete: Some(DeleteLimit::Percent(100)),
        no_prune: false,
        ..options.policy.clone()
    };
    let options = Options { policy, ..options.clone() };
    let prepared =
        Prepared { desired: Desired::nothing(app.clone()), revision: None, tree: Arc::new(EmptyTree), source: None, identity: None };
    carry_out(Goal::Nothing, &options, context, run, &prepared, &client).await
}
