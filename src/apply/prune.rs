//! The last phase: deleting what is no longer declared.
//!
//! It begins only when everything else went well, and first looks again at what is there and whose it is. What changed hands since the plan
//! was made is left alone.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};

use super::{Context, Outcomes, delete, outcome, remove_directories};
use crate::key::{ItemKey, printable};
use crate::plan::{Action, Change, ItemOutcome, Phase, Plan};
use crate::record::store::{Held, HeldError};
use crate::state::{Desired, Observed};

/// Deletions between two looks whether the claim still holds.
const BATCH: usize = 100;

/// What is there now, right before the deletions.
pub struct Recheck<'a> {
    /// When the plan was made.
    pub before: &'a Observed,
    /// Now.
    pub now: &'a Observed,
}

/// Deletes, in batches, what the plan says and what is still as the plan knew it.
pub async fn prune(
    context: &Context,
    (plan, desired): (&Plan, &Desired),
    recheck: &Recheck<'_>,
    held: &Held,
    outcomes: &mut Outcomes,
) -> Result<(), HeldError> {
    let deletes: Vec<&Change> =
        plan.changes.iter().filter(|change| change.action == Action::Delete && change.phase == Phase::Prune).collect();
    let mut left = BTreeSet::new();
    for change in &deletes {
        if let Some(outcome) = recheck.verdict(&change.key) {
            context.advance(change);
            outcomes.insert(change.key.clone(), outcome);
            left.insert(&change.key);
        }
    }
    let due: Vec<&Change> = deletes.iter().copied().filter(|change| !left.contains(&change.key)).collect();
    for batch in due.chunks(BATCH) {
        held.fence().await?;
        let ended: Vec<(ItemKey, ItemOutcome)> = stream::iter(batch)
            .map(async |change| {
                let outcome = match context.stop.reason() {
                    Some(reason) => ItemOutcome::Skipped(reason.why()),
                    None => outcome(context, change, delete(context, &plan.app.namespace, change, desired).await.map(|_| None)),
                };
                context.advance(change);
                (change.key.clone(), outcome)
            })
            .buffer_unordered(context.parallelism)
            .collect()
            .await;
        outcomes.extend(ended);
    }
    let empty: Vec<String> = plan.prune_directories.iter().filter(|dir| !recheck.now.files.contains(*dir)).cloned().collect();
    remove_directories(context, &plan.app.namespace, &empty).await;
    Ok(())
}

impl Recheck<'_> {
    /// How a deletion ends without being sent, if it does.
    fn verdict(&self, key: &ItemKey) -> Option<ItemOutcome> {
        if let Some((other, _)) = self.now.neighbour(key)
            && !self.now.is_ours(key)
        {
            return Some(ItemOutcome::Left(format!("the application `{}` took it meanwhile", printable(other))));
        }
        if !self.now.is_live(key) {
            return Some(ItemOutcome::Done(None));
        }
        let version = |observed: &Observed| observed.functions.get(&key.name).map(|function| function.created_at.clone());
        if key.kind == crate::key::ItemKind::Function && version(self.before) != version(self.now) {
            return Some(ItemOutcome::Left("somebody put it there anew meanwhile".to_owned()));
        }
        None
    }
}
