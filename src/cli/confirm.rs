//! The one question: may this be deleted?

use std::io::{self, BufRead};
use std::sync::Arc;

use super::args::Yes;
use super::settings::Output;
use crate::error::Error;
use crate::key::ItemKind;
use crate::pipeline::Confirm;
use crate::plan::{Action, Guard, Plan};
use crate::report;

/// Asks before a sync deletes something, where somebody can be asked; nowhere else.
pub(super) fn before_deleting(yes: &Yes, output: &Output) -> Option<Confirm> {
    let output = *output;
    (output.asks && !yes.yes).then(|| -> Confirm { Arc::new(move |plan| ask(plan, &output)) })
}

/// Asks before everything goes; where nobody can be asked, it has to be said on the command line.
pub(super) fn before_destroying(yes: &Yes, output: &Output) -> Option<Confirm> {
    if yes.yes || output.asks {
        return before_deleting(yes, output);
    }
    Some(Arc::new(|plan| {
        let count = |kind| plan.changes.iter().filter(|change| change.action == Action::Delete && change.key.kind == kind).count() as u64;
        let (functions, files) = (count(ItemKind::Function), count(ItemKind::StaticFile));
        if functions + files == 0 { Ok(()) } else { Err(Error::Guard(vec![Guard::Unconfirmed { functions, files }])) }
    }))
}

fn ask(plan: &Plan, output: &Output) -> Result<(), Error> {
    let Some(question) = report::question(plan, &output.printer) else { return Ok(()) };
    output.printer.say(&question);
    let mut answer = String::new();
    // Without an answer, the answer is no.
    let read = io::stdin().lock().read_line(&mut answer).is_ok();
    if read && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") { Ok(()) } else { Err(Error::Declined) }
}
