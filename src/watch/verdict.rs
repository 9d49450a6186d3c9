//! What a run means for an application that is registered: words, counts and a message instead of a plan and errors. Values in, values out.

use std::time::Duration;

use super::{Pass, Step, Trigger};
use crate::error::{Class, Error};
use crate::key::AppId;
use crate::manifest::{Finding, Severity};
use crate::pipeline::Run;
use crate::plan::{Action, ItemOutcome};
use crate::registry::{Changes, Ended, Operation, SyncState};

/// How a look at `app` ended.
pub(super) fn ended(app: &AppId, pass: &Pass) -> Ended {
    let run = &pass.run;
    let (sync, operation) = words(run, pass.step);
    Ended {
        cause: cause(pass),
        sync,
        operation,
        revision: run.revision.clone(),
        message: run.error.as_ref().map(|error| message(app, error)).or_else(|| drifted(run, pass.step)),
        changes: changes(run),
        took_ms: millis(pass.took),
    }
}

/// The strongest reason: somebody who asked is told that he was heard.
fn cause(pass: &Pass) -> &'static str {
    pass.rung.triggers.last().map_or("start", |trigger: &Trigger| trigger.as_str())
}

fn words(run: &Run, step: Step) -> (SyncState, Operation) {
    let Some(error) = &run.error else {
        let drifted = step == Step::Compare && run.plan.as_ref().is_some_and(crate::plan::Plan::has_changes);
        return (if drifted { SyncState::OutOfSync } else { SyncState::Synced }, Operation::Succeeded);
    };
    match error.class() {
        Class::Partial => (SyncState::OutOfSync, Operation::Partial),
        Class::Manifest | Class::Guard | Class::Build => (SyncState::OutOfSync, Operation::Failed),
        Class::Unexpected | Class::Source | Class::Server | Class::Busy | Class::Usage | Class::Interrupted | Class::Terminated => {
            (SyncState::Unknown, Operation::Failed)
        }
    }
}

/// What went wrong and what to do, in one line.
fn message(app: &AppId, error: &Error) -> String {
    match error {
        Error::Invalid(findings) => invalid(findings),
        Error::Paused { what: "application", now, .. } => {
            format!("the manifest is that of {now}, and {app} is registered: correct one of them; nothing was applied")
        }
        error => match error.help() {
            Some(help) => format!("{error}; {help}"),
            None => error.to_string(),
        },
    }
}

fn invalid(findings: &[Finding]) -> String {
    let is_wrong = |strict: bool| findings.iter().any(|finding| finding.severity(strict) == Severity::Error);
    // Warnings are what is wrong only where nothing else is.
    let strict = !is_wrong(false);
    let mut errors = findings.iter().filter(|finding| finding.severity(strict) == Severity::Error);
    let Some(first) = errors.next() else { return "the manifest is not valid".to_owned() };
    let place = first.place().map(|((line, column), _)| format!(":{line}:{column}")).unwrap_or_default();
    let more = match errors.count() {
        0 => String::new(),
        count => format!(", and {count} more"),
    };
    format!("{}{place}: {}{more}", first.file, first.message)
}

fn drifted(run: &Run, step: Step) -> Option<String> {
    let pending = run.plan.as_ref()?.changes.iter().filter(|change| change.action.is_pending()).count();
    (step == Step::Compare && pending > 0).then(|| format!("the live state drifted: {pending} changes would mend it"))
}

/// What a run changed; none when nothing was to be.
fn changes(run: &Run) -> Option<Changes> {
    let (plan, outcomes) = (run.plan.as_ref()?, run.outcomes.as_ref()?);
    let mut changes = Changes::default();
    for change in &plan.changes {
        match (change.action, outcomes.get(&change.key)) {
            (_, Some(ItemOutcome::Failed(_) | ItemOutcome::Skipped(_))) => changes.failed += 1,
            (_, Some(ItemOutcome::Left(_))) => {}
            (Action::Create, _) => changes.created += 1,
            (Action::Update | Action::Replace, _) => changes.updated += 1,
            (Action::Delete, _) => changes.deleted += 1,
            (Action::Adopt | Action::Forget | Action::Conflict | Action::Unmanaged, _) => {}
        }
    }
    (changes != Changes::default()).then_some(changes)
}

fn millis(time: Duration) -> u64 {
    time.as_millis().try_into().unwrap_or(u64::MAX)
}
