//! What is recorded, for people.

use std::fmt::Write;

use super::changes::noun;
use super::{Detail, Printer, Shade, words};
use crate::key::{AppId, printable};
use crate::pipeline::{Against, Exported, Health, HealthWord, Recorded, Released, Repaired, Resumed, Status, SyncWord, Verify};
use crate::record::{Counts, Hold, Holder, Outcome, Phase, Run};

/// Rows that are shown without `-v`.
const ROWS: usize = 25;

/// An application beside what is live.
pub(super) fn status(status: &Status, detail: Detail, printer: &Printer) -> String {
    let recorded = &status.recorded;
    let mut out = String::new();
    let title = printer.paint(Shade::Strong, &recorded.app.to_string());
    let head = recorded.head.as_ref();
    let revision = head.and_then(|head| head.revision.as_deref()).map(|text| format!(" @ {}", words::revision(text))).unwrap_or_default();
    let _ = writeln!(out, "{title}{}", printable(&revision));
    if let Some(head) = head {
        let branch = head.branch.as_deref().map(|branch| format!(" ({})", printable(branch))).unwrap_or_default();
        let _ = writeln!(out, "  source    {}{branch}", printable(&head.source));
        if let Some(run) = head.history.first() {
            let _ = writeln!(out, "  last run  {}", past(run));
        }
    }
    if let Some(against) = &status.against {
        let _ = writeln!(out, "  at hand   {}", at_hand(against));
    }
    let owns = format!("{}, {}", words::count(status.functions, "function"), words::count(status.files, "file"));
    let unknown = if status.unknown > 0 { format!("; of {} the content is not known", status.unknown) } else { String::new() };
    let _ = writeln!(out, "  owns      {owns}{unknown}");
    suffers(&mut out, &status.health, printer);
    notes(&mut out, recorded, printer);
    let rows = if detail.verbose { usize::MAX } else { ROWS };
    for drift in status.drift.iter().take(rows) {
        let row = format!("~ {} {}", noun(drift.key.kind), printable(&drift.key.name));
        let _ = writeln!(out, "  {}  {}", printer.paint(Shade::Changed, &row), printable(&drift.what));
    }
    more(&mut out, status.drift.len(), rows);
    let shown = if detail.verbose { status.unmanaged.len() } else { 0 };
    for key in status.unmanaged.iter().take(shown) {
        let _ = writeln!(out, "  ? {} {}  not placed by any application", noun(key.kind), printable(&key.name));
    }
    let by = match status.verified {
        Verify::Full => "every byte compared",
        Verify::List | Verify::Record => "contents of files by record",
    };
    let unmanaged = match status.unmanaged.len() as u64 {
        0 => String::new(),
        count => format!(", {} unmanaged", words::count(count, "item")),
    };
    let (shade, mark, word) = match status.sync {
        SyncWord::Synced => (Shade::Added, "✓", "Synced"),
        SyncWord::OutOfSync => (Shade::Changed, "~", "Out of sync"),
        SyncWord::Unknown => (Shade::Warning, "?", "Unknown"),
    };
    let drifted = words::count(status.drift.len() as u64, "drifted item");
    let _ = writeln!(out, "{} {word} ({by}): {drifted}{unmanaged}.", printer.paint(shade, mark));
    out
}

/// The source that was named, as far as a sync of it would change something.
fn at_hand(against: &Against) -> String {
    let revision = against.revision.as_deref().map_or_else(|| "the files as they are".to_owned(), words::revision);
    let pending = match against.pending {
        Some(0) => ": a sync would change no item".to_owned(),
        Some(pending) => format!(": a sync would change {} (`diff` shows them)", words::count(pending, "item")),
        None => String::new(),
    };
    let refused = against.refused.as_deref().map(|why| format!("; it would be refused: {why}")).unwrap_or_default();
    printable(&format!("{revision}{pending}{refused}")).into_owned()
}

fn suffers(out: &mut String, health: &Health, printer: &Printer) {
    let (shade, word) = match health.word {
        HealthWord::Healthy => (Shade::Added, "healthy"),
        HealthWord::Progressing => (Shade::Changed, "progressing"),
        HealthWord::Degraded => (Shade::Error, "degraded"),
        HealthWord::Unknown => (Shade::Warning, "unknown"),
    };
    let _ = writeln!(out, "  health    {}", printer.paint(shade, word));
    for trouble in health.troubles.iter().take(ROWS) {
        let row = format!("! {} {}", noun(trouble.key.kind), printable(&trouble.key.name));
        let _ = writeln!(out, "  {}  {}", printer.paint(Shade::Error, &row), printable(&trouble.what));
    }
    more(out, health.troubles.len(), ROWS);
}

fn notes(out: &mut String, recorded: &Recorded, printer: &Printer) {
    if let Some(hold) = recorded.head.as_ref().and_then(|head| head.hold.as_ref()) {
        let _ = writeln!(out, "  {}   {}", printer.paint(Shade::Warning, "on hold"), held(hold));
    }
    for run in &recorded.runs {
        let word = match (run.gone, run.phase) {
            (true, _) | (_, Phase::Dead) => "ended without settling",
            (_, Phase::Preparing) => "about to begin",
            (_, Phase::Applying) => "running",
        };
        let _ = writeln!(out, "  {word}: {}", run.holder);
    }
    for (key, why) in &recorded.damaged {
        let _ = writeln!(out, "  {} {} {}", printer.paint(Shade::Error, "damaged:"), printable(key), printable(why));
    }
}

fn held(hold: &Hold) -> String {
    format!("since {} by {}: {}", words::moment(&hold.at), printable(&hold.actor), printable(&hold.reason))
}

fn past(run: &Run) -> String {
    format!("{} by {} on {}: {}", words::moment(&run.at), printable(&run.actor), printable(&run.host), ended(run))
}

fn ended(run: &Run) -> String {
    let word = match run.outcome {
        Outcome::Succeeded => "succeeded",
        Outcome::Partial => "partial",
        Outcome::Interrupted => "interrupted",
    };
    let Counts { create, update, adopt, delete, failed } = run.counts;
    let parts = [(create, "created"), (update, "updated"), (adopt, "adopted"), (delete, "deleted"), (failed, "failed")];
    let done: Vec<String> = parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, past)| format!("{count} {past}")).collect();
    if done.is_empty() { format!("{word}, nothing changed") } else { format!("{word}, {}", done.join(", ")) }
}

fn more(out: &mut String, all: usize, shown: usize) {
    if all > shown {
        let _ = writeln!(out, "  … and {} more (-v shows all)", words::grouped((all - shown) as u64));
    }
}

/// The runs of an application, the newest first.
pub(super) fn history(recorded: &Recorded, printer: &Printer) -> String {
    let mut out = format!("{}\n", printer.paint(Shade::Strong, &recorded.app.to_string()));
    let runs = recorded.head.as_ref().map(|head| head.history.as_slice()).unwrap_or_default();
    for run in runs {
        let revision = run.revision.as_deref().map_or_else(|| "no commit".to_owned(), words::revision);
        let _ = writeln!(
            out,
            "  {}  {:<18}  {}  by {} on {}",
            words::moment(&run.at),
            printable(&revision),
            ended(run),
            printable(&run.actor),
            printable(&run.host)
        );
    }
    if runs.is_empty() {
        out.push_str("  no run has settled yet\n");
    }
    out
}

/// All applications.
pub(super) fn list(applications: &[Recorded], nameless: &[String], printer: &Printer) -> String {
    let mut out = String::new();
    let widest = applications.iter().map(|one| one.app.to_string().len()).max().unwrap_or_default();
    for one in applications {
        let name = one.app.to_string();
        let _ = write!(out, "{}{}", printer.paint(Shade::Strong, &name), " ".repeat(widest - name.len()));
        match &one.head {
            Some(head) => {
                let revision = head.revision.as_deref().map_or_else(|| "no commit".to_owned(), words::revision);
                let last = head.history.first().map(|run| format!("{}  {}", words::moment(&run.at), ended(run))).unwrap_or_default();
                let _ = writeln!(out, "  {:<18}  {last}  from {}", printable(&revision), printable(&head.source));
            }
            None => out.push_str("  no run has settled yet\n"),
        }
        notes(&mut out, one, printer);
    }
    for key in nameless {
        let _ = writeln!(out, "{} {}", printer.paint(Shade::Error, "damaged:"), printable(key));
    }
    if applications.is_empty() && nameless.is_empty() {
        out.push_str("no application is recorded\n");
    }
    out
}

/// That an application was released.
pub(super) fn released(released: &Released, printer: &Printer) -> String {
    let kept = words::count(released.items, "item");
    format!("{} Released {}: {kept} of it stay and belong to nobody.\n", printer.paint(Shade::Added, "✓"), released.app)
}

/// That syncs are allowed again.
pub(super) fn resumed(resumed: &Resumed, printer: &Printer) -> String {
    let mark = printer.paint(Shade::Added, "✓");
    match &resumed.was {
        Some(hold) => format!("{mark} {} is not on hold any more; it was, {}\n", resumed.app, held(hold)),
        None => format!("{mark} {} was not on hold.\n", resumed.app),
    }
}

/// What a repair did.
pub(super) fn repaired(repaired: &Repaired, printer: &Printer) -> String {
    let (mark, items) = (printer.paint(Shade::Added, "✓"), words::count(repaired.items, "item"));
    if repaired.was_whole {
        return format!("{mark} The record of {} can be read, and names {items}: nothing to repair.\n", repaired.app);
    }
    let mut out = String::new();
    for (key, why) in &repaired.damaged {
        let _ = writeln!(out, "  replaced {}, which {}", printable(key), printable(why));
    }
    for key in repaired.unowned.iter().take(ROWS) {
        let _ = writeln!(out, "  ? {} {}  may have been placed by it; nobody owns it now", noun(key.kind), printable(&key.name));
    }
    more(&mut out, repaired.unowned.len(), ROWS);
    let unknown =
        if repaired.unknown > 0 { format!("; {} differ, and the next sync writes them", repaired.unknown) } else { String::new() };
    let _ = writeln!(out, "{mark} Recorded {items} of {}{unknown}. Look at `diff` before you sync.", repaired.app);
    out
}

/// Whose runs were declared dead.
pub(super) fn unlocked(app: &AppId, holders: &[Holder], printer: &Printer) -> String {
    let mark = printer.paint(Shade::Added, "✓");
    if holders.is_empty() {
        return format!("{mark} No run holds {app}.\n");
    }
    let mut out = String::new();
    for holder in holders {
        let _ = writeln!(out, "{mark} Declared dead: {holder}");
    }
    out
}

/// What was exported.
pub(super) fn exported(exported: &Exported, printer: &Printer) -> String {
    let mut out = String::new();
    for (key, why) in &exported.left_out {
        let _ = writeln!(
            out,
            "  {} {} {}: {}",
            printer.paint(Shade::Warning, "left out:"),
            noun(key.kind),
            printable(&key.name),
            printable(why)
        );
    }
    let (functions, files) = (words::count(exported.functions, "function"), words::count(exported.files, "file"));
    let directory = exported.directory.to_string_lossy();
    let _ = writeln!(
        out,
        "{} Wrote {functions} and {files} of {} to {}.",
        printer.paint(Shade::Added, "✓"),
        exported.app.namespace,
        printable(&directory)
    );
    out
}
