//! A branch that was rewritten since it was applied last: it is applied as it is now, and that is said.

use std::sync::Arc;

use super::check::Prepared;
use super::lock::unless_signalled;
use super::{Context, Options, Run};
use crate::error::Error;
use crate::state::Observed;

/// The commit that was applied last from the branch at hand, when the branch does not lead to it any more. What cannot be told is no news; neither is
/// what happens on a dev box.
async fn rewritten(prepared: &Prepared, observed: &Observed, options: &Options, context: &Context) -> Result<Option<String>, Error> {
    let (Some(source), Some(revision), Some(head)) = (&prepared.source, &prepared.revision, &observed.head) else { return Ok(None) };
    let same = revision.branch.is_some() && head.branch == revision.branch && head.source == source.identity;
    let was_applied = head.applied.contains(&revision.commit);
    let Some(last) = head.applied.first().filter(|_| same && !was_applied && !options.policy.local) else { return Ok(None) };
    let (source, tip, old) = (Arc::clone(source), revision.commit.clone(), last.clone());
    let asking = tokio::task::spawn_blocking(move || source.leads(&tip, &old));
    let leads = unless_signalled(&context.stop, asking).await?;
    Ok(matches!(leads, Ok(Ok(Some(false)))).then(|| last.clone()))
}

/// Notes in the run and in its plan that the branch was rewritten.
pub(super) async fn note(
    prepared: &Prepared,
    observed: &Observed,
    options: &Options,
    context: &Context,
    run: &mut Run,
) -> Result<Option<String>, Error> {
    run.rewritten = rewritten(prepared, observed, options, context).await?;
    let branch = run.branch.as_deref().map(crate::key::printable).unwrap_or_default();
    let warning = |last: &String| {
        let last = last.get(..12).unwrap_or(last);
        format!("`{branch}` was rewritten: the commit {last}, which was applied last, is not part of its history any more")
    };
    Ok(run.rewritten.as_ref().map(warning))
}
