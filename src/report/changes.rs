//! A run's changes as rows, the same for people and for Markdown.

use crate::key::{ItemKind, printable};
use crate::pipeline::Run;
use crate::plan::{Action, Change, ItemOutcome, Summary};

/// How a change is marked.
pub(super) fn mark(action: Action) -> char {
    match action {
        Action::Create => '+',
        Action::Update => '~',
        Action::Replace => '±',
        Action::Adopt => '=',
        Action::Delete => '-',
        Action::Forget => '.',
        Action::Conflict => '!',
        Action::Unmanaged => '?',
    }
}

/// The noun of an item, padded so that names stand in a column.
pub(super) fn noun(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Function => "function",
        ItemKind::StaticFile => "file    ",
    }
}

/// The name of an item, safe to print.
pub(super) fn name(change: &Change) -> String {
    printable(&change.key.name).into_owned()
}

/// How a change ended, when it was tried and did not end as planned.
pub(super) fn trouble<'a>(run: &'a Run, change: &Change) -> Option<(&'static str, &'a str)> {
    match run.outcomes.as_ref()?.get(&change.key)? {
        ItemOutcome::Done(_) => None,
        ItemOutcome::Failed(why) => Some(("failed", why)),
        ItemOutcome::Skipped(why) => Some(("not begun", why)),
        ItemOutcome::Left(why) => Some(("left alone", why)),
    }
}

/// The counts of a run; after a sync, of what was really done.
pub(super) fn summary(run: &Run) -> Summary {
    let Some(plan) = &run.plan else { return Summary::default() };
    let Some(outcomes) = &run.outcomes else { return plan.summary };
    let mut summary = Summary { unchanged: plan.summary.unchanged, ..Summary::default() };
    for change in &plan.changes {
        match outcomes.get(&change.key) {
            Some(ItemOutcome::Failed(_)) => summary.failed += 1,
            Some(ItemOutcome::Skipped(_)) => summary.skipped += 1,
            Some(ItemOutcome::Left(_)) => summary.unmanaged += 1,
            None if !run.recorded && change.action.is_pending() => summary.skipped += 1,
            Some(ItemOutcome::Done(_)) | None => summary.count(change.action),
        }
    }
    summary
}

/// `3 to create, 1 to delete`, or `3 created, 1 deleted`; what is zero is left out.
pub(super) fn sentence(summary: &Summary, done: bool) -> String {
    let Summary { create, update, replace, adopt, delete, forget, unchanged, conflict, unmanaged, failed, skipped } = *summary;
    let parts = [
        (create, "to create", "created"),
        (update, "to update", "updated"),
        (replace, "to replace", "replaced"),
        (adopt, "to adopt", "adopted"),
        (delete, "to delete", "deleted"),
        (forget, "to forget", "forgotten"),
        (conflict, "in conflict", "in conflict"),
        (failed, "failed", "failed"),
        (skipped, "not begun", "not begun"),
        (unchanged, "unchanged", "unchanged"),
        (unmanaged, "unmanaged", "unmanaged"),
    ];
    let shown = parts.into_iter().filter(|(number, _, _)| *number > 0);
    let words: Vec<String> =
        shown.map(|(number, planned, past)| format!("{} {}", super::words::grouped(number), if done { past } else { planned })).collect();
    if words.is_empty() { "nothing declared and nothing there".to_owned() } else { words.join(", ") }
}
