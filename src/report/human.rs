//! For people at a terminal.

use std::fmt::Write;

use super::changes::{mark, name, noun, sentence, summary, trouble};
use super::tally::Tally;
use super::{Check, Detail, Printer, Shade, Verb, diagnostics, linediff, paired, words};
use crate::api;
use crate::error::Error;
use crate::key::{ItemKind, printable};
use crate::manifest::Severity;
use crate::pipeline::{Run, Verify};
use crate::plan::{Action, Change};

/// Rows of one kind of change that are shown without `-v`.
const ROWS: usize = 25;
/// Lines of one function's diff that are shown without `-v`.
const LINES: usize = 40;

/// What `validate` says.
pub(super) fn check(checks: &[Check], strict: bool, detail: Detail, printer: &Printer) -> String {
    let mut out = String::new();
    for check in checks {
        let shown = check.named().filter(|(finding, _)| !detail.quiet || finding.rule.severity() != Severity::Hint);
        out.push_str(&diagnostics::render(&shown.collect::<Vec<_>>(), strict, printer));
        let tally = Tally::of(&check.findings, strict);
        let line = match check.counts {
            Some((functions, files)) if tally.errors == 0 && check.error.is_none() => {
                let what = format!("{} and {}", words::count(functions as u64, "function"), words::count(files as u64, "static file"));
                let more = if tally == Tally::default() { String::new() } else { format!(", {}", tally.words()) };
                format!("{} {}: valid, {what}{more}{}", printer.paint(Shade::Added, "✓"), check.manifest, older(check))
            }
            _ if check.error.is_some() => continue,
            _ if tally.errors == 0 && check.older > 0 => {
                let more = if tally == Tally::default() { String::new() } else { format!(", {}", tally.words()) };
                format!("{} {}: no new error{more}{}", printer.paint(Shade::Added, "✓"), check.manifest, older(check))
            }
            _ => format!("{} {}: {}", printer.paint(Shade::Error, "✗"), check.manifest, tally.words()),
        };
        if !detail.quiet || tally.errors > 0 {
            out.push_str(&line);
            out.push('\n');
        }
    }
    if checks.len() > 1 && !detail.quiet {
        let mut all = Tally::default();
        for check in checks {
            all += Tally::of(&check.findings, strict);
        }
        let _ = writeln!(out, "{}: {}", words::count(checks.len() as u64, "manifest"), all.words());
    }
    out
}

/// What `--changed-since` left out.
fn older(check: &Check) -> String {
    if check.older == 0 { String::new() } else { format!(" ({} left out)", words::count(check.older as u64, "older finding")) }
}

/// What `diff` and `sync` say.
pub(super) fn runs(runs: &[Run], verb: Verb, detail: Detail, printer: &Printer) -> String {
    let texts = runs.iter().map(|one| run(one, verb, detail, printer)).filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join("\n")
}

fn run(run: &Run, verb: Verb, detail: Detail, printer: &Printer) -> String {
    let (Some(plan), Some(app)) = (&run.plan, &run.app) else { return String::new() };
    if detail.quiet && run.error.is_none() {
        return String::new();
    }
    let mut out = String::new();
    let title = printer.paint(Shade::Strong, &app.to_string());
    let revision = run.revision.as_deref().map(|revision| format!(" @ {}", words::revision(revision))).unwrap_or_default();
    let from = if run.manifest.is_empty() { String::new() } else { format!("  {}", run.manifest) };
    let _ = writeln!(out, "{title}{from}{revision} → {}", printable(&run.url));
    if plan.changes.iter().any(|change| change.action.is_pending() || change.action == Action::Conflict || detail.verbose) {
        out.push('\n');
    }
    rows(&mut out, run, &plan.changes, detail, printer);
    for warning in &plan.warnings {
        let _ = writeln!(out, "\n{}: {}", printer.paint(Shade::Warning, "warning"), printable(warning));
    }
    out.push('\n');
    closing(&mut out, run, verb, printer);
    out
}

pub(super) fn rows(out: &mut String, run: &Run, changes: &[Change], detail: Detail, printer: &Printer) {
    let widest = changes.iter().map(|change| name(change).chars().count()).max().unwrap_or(0).min(48);
    let mut shown: std::collections::BTreeMap<(Action, ItemKind), (usize, u64)> = std::collections::BTreeMap::new();
    for change in changes {
        let trouble = trouble(run, change);
        let seen = shown.entry((change.action, change.key.kind)).or_default();
        seen.0 += 1;
        let unmanaged = change.action == Action::Unmanaged && !detail.verbose;
        if (seen.0 > ROWS || unmanaged) && !detail.verbose && trouble.is_none() {
            seen.1 += change.size;
            continue;
        }
        row(out, change, widest, printer);
        if let Some((ended, why)) = trouble {
            let ended = printer.paint(if ended == "failed" { Shade::Error } else { Shade::Warning }, ended);
            let _ = writeln!(out, "      {ended}: {}", printable(why));
        }
        code(out, change, detail, printer);
    }
    for ((action, kind), (count, bytes)) in shown {
        let hidden = if action == Action::Unmanaged { count } else { count.saturating_sub(ROWS) } as u64;
        if hidden > 0 && !detail.verbose && action != Action::Unmanaged {
            let _ =
                writeln!(out, "  {} … and {} more ({}); -v shows all", mark(action), words::count(hidden, kind.noun()), words::size(bytes));
        }
    }
}

fn row(out: &mut String, change: &Change, widest: usize, printer: &Printer) {
    let shade = match change.action {
        Action::Create => Shade::Added,
        Action::Update | Action::Replace => Shade::Changed,
        Action::Delete => Shade::Removed,
        Action::Conflict => Shade::Error,
        Action::Adopt | Action::Forget | Action::Unmanaged => Shade::Faint,
    };
    let size = if change.size > 0 { words::size(change.size) } else { String::new() };
    let head = format!("{} {} {:widest$}", mark(change.action), noun(change.key.kind), name(change));
    let reason = printer.paint(Shade::Faint, &printable(&change.reason));
    let _ = writeln!(out, "  {}  {size:>10}  {reason}", printer.paint(shade, &head));
}

fn code(out: &mut String, change: &Change, detail: Detail, printer: &Printer) {
    let Some(code) = &change.code else { return };
    for line in linediff::lines(code, if detail.verbose { usize::MAX } else { LINES }) {
        let text = format!("{} {}", line.mark, line.text);
        let text = match line.mark {
            '+' => printer.paint(Shade::Added, &text),
            '-' => printer.paint(Shade::Removed, &text),
            _ => printer.paint(Shade::Faint, &text),
        };
        let _ = writeln!(out, "      {text}");
    }
}

fn closing(out: &mut String, run: &Run, verb: Verb, printer: &Printer) {
    let Some(plan) = &run.plan else { return };
    let summary = summary(run);
    let by = match run.verified {
        Verify::Record => " (everything by record)",
        Verify::List => " (contents by record)",
        Verify::Full => " (every byte compared)",
    };
    let up_to_date = !plan.has_changes() && plan.guards.is_empty();
    let words = sentence(&summary, verb != Verb::Diff && run.outcomes.is_some());
    let _ = match (verb, &run.error) {
        (Verb::Destroy, None) => {
            writeln!(out, "{} Destroyed: {words}. Nothing is recorded of it any more.", printer.paint(Shade::Added, "✓"))
        }
        (_, None) if up_to_date => {
            let noted = if plan.record_is_behind && verb == Verb::Sync { "; the record was brought up to date" } else { "" };
            writeln!(out, "{} Everything is up to date{by}: {words}{noted}.", printer.paint(Shade::Added, "✓"))
        }
        (Verb::Diff, _) => writeln!(out, "Plan{by}: {words}."),
        (Verb::Sync, None) => {
            let took = words::time(run.timings.source + run.timings.observe + run.timings.apply);
            writeln!(out, "{} Synced in {took}: {words}.", printer.paint(Shade::Added, "✓"))
        }
        (Verb::Sync | Verb::Destroy, Some(_)) if run.outcomes.is_some() => writeln!(out, "Not everything was done: {words}."),
        (Verb::Sync | Verb::Destroy, Some(_)) => writeln!(out, "Nothing was changed. Planned{by}: {words}."),
    };
    if verb == Verb::Sync && run.error.is_none() {
        places(out, run);
    }
}

/// Where things can be seen: every function, the pages of the site's root, and how many files there are.
fn places(out: &mut String, run: &Run) {
    let Some(app) = &run.app else { return };
    let base = run.url.trim_end_matches('/');
    let of = |kind: ItemKind| run.declared.iter().filter(move |key| key.kind == kind);
    for key in of(ItemKind::Function).take(ROWS) {
        let _ = writeln!(out, "  function  {base}{}", api::function_path(&app.namespace, &key.name));
    }
    let files: Vec<_> = of(ItemKind::StaticFile).collect();
    let pages = files.iter().filter(|key| key.name.rsplit('/').next() == Some("index.html"));
    let first = pages.min_by_key(|key| key.name.matches('/').count()).or(files.first());
    if let Some(key) = first {
        let count = words::count(files.len() as u64, "file");
        let _ = writeln!(out, "  site      {base}{}  ({count})", api::static_path(&app.namespace, &key.name));
    }
    if let Some(hint) = &run.hint {
        let _ = writeln!(out, "  {hint}");
    }
}

/// What `prune-images` says.
pub(super) fn images(removed: &[(String, u64)], dry_run: bool) -> String {
    let mut out = String::new();
    for (name, size) in removed {
        let _ = writeln!(out, "  - {}  {}", printable(name), words::size(*size));
    }
    let count = words::count(removed.len() as u64, "image");
    let _ = writeln!(out, "{count} {}.", if dry_run { "would be removed" } else { "removed" });
    out
}

/// Why a run failed, for stderr.
pub(super) fn failure(error: &Error, names: &[String], strict: bool, printer: &Printer) -> String {
    let mut out = String::new();
    if let Error::Invalid(findings) = error {
        out.push_str(&diagnostics::render(&paired(findings, names), strict, printer));
    }
    let word = printer.paint(Shade::Error, "error");
    if let Error::Guard(guards) = error {
        for guard in guards {
            let _ = writeln!(out, "{word}: {}\n  help: {}", printable(&guard.to_string()), printable(&guard.help()));
        }
        return out;
    }
    let _ = writeln!(out, "{word}: {}", printable(&error.to_string()));
    if let Some(help) = error.help() {
        let _ = writeln!(out, "  help: {}", printable(&help));
    }
    out
}
