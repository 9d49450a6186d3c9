//! What `init` wrote.

use std::fmt::Write;

use serde_json::{Value, json};

use super::json::{check_value, text};
use super::{Check, Detail, Printer, Shade, human};
use crate::key::{AppId, printable};
use crate::manifest::Proposal;

/// A manifest that was just written.
pub struct Initiated {
    /// Whose.
    pub app: AppId,
    /// What it was made of.
    pub proposal: Proposal,
    /// The files that were written, as people call them.
    pub written: Vec<String>,
    /// What a check of it found.
    pub check: Check,
}

pub(super) fn human(initiated: &Initiated, detail: Detail, printer: &Printer) -> String {
    let mut out = String::new();
    let Initiated { app, proposal, written, check } = initiated;
    if !detail.quiet {
        let _ = writeln!(out, "{} Wrote {} for {app}.", printer.paint(Shade::Added, "✓"), printable(&written.join(" and ")));
        for function in &proposal.functions {
            let _ = writeln!(out, "  function  {}  {}", function.path, printer.paint(Shade::Faint, &printable(&function.file)));
        }
        if let Some(site) = &proposal.site {
            let _ = writeln!(out, "  site      {}", printable(&site.dir));
        }
    }
    for (file, why) in &proposal.left_out {
        let _ = writeln!(out, "  {} {}: {}", printer.paint(Shade::Warning, "left out:"), printable(file), printable(why));
    }
    out + &human::check(std::slice::from_ref(check), false, detail, printer)
}

pub(super) fn json(initiated: &Initiated) -> String {
    let Initiated { app, proposal, written, check } = initiated;
    let mut object = check_value(std::slice::from_ref(check), false);
    object["application"] = json!(app.name);
    object["namespace"] = json!(app.namespace);
    object["written"] = json!(written);
    object["functions"] = proposal.functions.iter().map(|function| json!({"path": function.path, "file": function.file})).collect();
    object["static"] = proposal.site.as_ref().map_or(Value::Null, |site| json!(site.dir));
    object["left_out"] = proposal.left_out.iter().map(|(file, why)| json!({"file": file, "why": why})).collect();
    text(&object)
}
