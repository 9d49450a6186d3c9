//! What somebody is asked.

use std::fmt::Write;

use super::changes::{mark, name, noun};
use super::{Printer, Shade, words};
use crate::plan::{Action, Change, Plan};

/// Rows that are shown; the rest is counted.
const ROWS: usize = 10;

/// What would be deleted, and the question; none when nothing is.
pub(super) fn question(plan: &Plan, printer: &Printer) -> Option<String> {
    let deletes: Vec<&Change> = plan.changes.iter().filter(|change| change.action == Action::Delete).collect();
    if deletes.is_empty() {
        return None;
    }
    let mut out = format!("{} of {} would be deleted:\n", words::count(deletes.len() as u64, "item"), plan.app);
    for change in deletes.iter().take(ROWS) {
        let row = format!("{} {} {}", mark(change.action), noun(change.key.kind), name(change));
        let _ = writeln!(out, "  {}", printer.paint(Shade::Removed, &row));
    }
    if deletes.len() > ROWS {
        let _ = writeln!(out, "  … and {} more", words::grouped((deletes.len() - ROWS) as u64));
    }
    out.push_str("Delete them? [y/N] ");
    Some(out)
}
