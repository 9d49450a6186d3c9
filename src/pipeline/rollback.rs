//! Going back to a commit that was applied before, and staying there.

use std::sync::Arc;

use super::record::{amend, connect};
use super::{Context, Options, Run, diff, sync};
use crate::error::Error;
use crate::key::AppId;
use crate::plan::Policy;
use crate::record::store::this_process;
use crate::record::{Head, Hold};
use crate::source::Source;

/// Applies `source`, an older commit of the application `app`, and holds it there: every later sync is refused until the hold is lifted. Nothing
/// is held before the older commit was found to be valid and its plan to trip no guard.
pub async fn rollback(app: &AppId, source: &Arc<Source>, reason: &str, options: &Options, context: &Context) -> Run {
    let policy = Policy { allow_older: true, ..options.policy.clone() };
    let options = Options { policy, namespace: Some(app.namespace.clone()), ..options.clone() };
    let mut looked = diff(source, &options, context).await;
    if looked.error.is_none() && looked.app.as_ref() != Some(app) {
        let named = looked.app.as_ref().map(ToString::to_string).unwrap_or_default();
        looked.error = Some(Error::Usage(format!("the manifest of that commit is of `{named}`, not of `{app}`")));
    }
    if looked.error.is_some() {
        return looked;
    }
    if let Err(error) = hold(app, reason, &options, context).await {
        return Run { error: Some(error), ..looked };
    }
    let mut run = sync(source, &options, context).await;
    run.hint = Some(format!("on hold: every sync is refused until `zerverless-gitops resume {app}`"));
    run
}

async fn hold(app: &AppId, reason: &str, options: &Options, context: &Context) -> Result<(), Error> {
    let client = connect(options, context).await?;
    let hold = Hold { reason: reason.to_owned(), actor: this_process().actor, at: jiff::Timestamp::now().to_string() };
    amend(app, options, context, &client, |head| head.hold = Some(hold.clone())).await
}

/// The commit that `to` means: how many applied commits back, or the first digits of one. Without it, the one before the newest.
pub fn target(head: &Head, to: Option<&str>) -> Result<String, Error> {
    let to = to.unwrap_or("1");
    let remembered = || format!("{} applied commits are remembered; `history` shows them", head.applied.len());
    if let Some(back) = to.parse::<usize>().ok().filter(|_| to.len() <= 2) {
        let found = head.applied.get(back).cloned();
        return found.ok_or_else(|| Error::Usage(format!("cannot go back {back} commits: {}", remembered())));
    }
    let hex = to.len() >= 4 && to.chars().all(|c| c.is_ascii_hexdigit());
    let mut found = head.applied.iter().filter(|commit| hex && commit.starts_with(&to.to_ascii_lowercase()));
    match (found.next(), found.next()) {
        (Some(commit), None) => Ok(commit.clone()),
        (Some(_), Some(_)) => Err(Error::Usage(format!("`{to}` is the beginning of several applied commits"))),
        (None, _) if to.len() == 40 && hex => Ok(to.to_ascii_lowercase()),
        (None, _) => {
            let to = crate::key::printable(to);
            Err(Error::Usage(format!("`{to}` is no commit that was applied here, nor a full id: {}", remembered())))
        }
    }
}
