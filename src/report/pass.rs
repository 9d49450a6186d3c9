//! One look of a watch: in full the first time, and after that only what is new.

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};

use super::changes::{sentence, summary};
use super::{Detail, Format, Printer, Shade, Verb, human, words};
use crate::pipeline::Run;

/// A look and what came of it.
#[derive(Debug, Clone, Copy)]
pub struct PassView<'a> {
    /// How the run ended.
    pub run: &'a Run,
    /// Synced, or only compared.
    pub verb: Verb,
    /// What made it look.
    pub trigger: &'static str,
    /// A file changed.
    pub by_files: bool,
    /// From the trigger to the end.
    pub took: Duration,
    /// When it looks again by itself.
    pub next: Duration,
    /// Nothing was shown before.
    pub is_first: bool,
    /// The run before it failed.
    pub recovered: bool,
}

pub(super) fn pass(view: &PassView<'_>, is_news: bool, format: Format, detail: Detail, printer: &Printer) -> String {
    match format {
        Format::Json => line(view),
        _ => human(view, is_news, detail, printer),
    }
}

/// One line for each look, with the object of `sync` in it.
fn line(view: &PassView<'_>) -> String {
    let mut object = super::json::runs_value(std::slice::from_ref(view.run), view.verb);
    object["trigger"] = json!(view.trigger);
    object["live_after_ms"] = if view.run.error.is_none() { json!(view.took.as_millis()) } else { Value::Null };
    object["next_look_ms"] = json!(view.next.as_millis());
    super::json::line(&object)
}

fn human(view: &PassView<'_>, is_news: bool, detail: Detail, printer: &Printer) -> String {
    let run = view.run;
    let clock = printer.paint(Shade::Faint, &words::clock());
    let mut out = String::new();
    if view.is_first && run.error.is_none() {
        let all = human::runs(std::slice::from_ref(run), view.verb, detail, printer);
        let _ = writeln!(out, "{all}{clock}  watching; the next look without a change is in {}", words::wait(view.next));
        return if detail.quiet { String::new() } else { out };
    }
    if run.error.is_some() && !is_news {
        if detail.verbose {
            let _ = writeln!(out, "{clock}  still failing; the next try is in {}", words::wait(view.next));
        }
        return out;
    }
    let Some(plan) = &run.plan else {
        let _ = writeln!(out, "{clock}  nothing was applied; the next try is in {}, or at the next change", words::wait(view.next));
        return out;
    };
    if !plan.has_changes() && !view.recovered && run.error.is_none() {
        if detail.verbose {
            let _ = writeln!(out, "{clock}  {} Everything is up to date.", printer.paint(Shade::Added, "✓"));
        }
        return out;
    }
    if detail.quiet && run.error.is_none() {
        return out;
    }
    let revision = run.revision.as_deref().map(|revision| format!(" @ {}", words::revision(revision))).unwrap_or_default();
    let _ = writeln!(out, "{clock}  {}{revision}", run.manifest);
    human::rows(&mut out, run, &plan.changes, detail, printer);
    let done = sentence(&summary(run), view.verb == Verb::Sync && run.outcomes.is_some());
    let after = if view.by_files { "after the change" } else { "after the look began" };
    let took = words::time(view.took);
    let check = printer.paint(Shade::Added, "✓");
    let _ = match (&run.error, view.verb) {
        (None, Verb::Sync | Verb::Destroy) => writeln!(out, "{check} Live {took} {after}: {done}."),
        (None, Verb::Diff) => writeln!(out, "The live state drifted: {done}."),
        (Some(_), _) => writeln!(out, "Not everything was done: {done}; the next try is in {}.", words::wait(view.next)),
    };
    out
}
