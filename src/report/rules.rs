//! The texts of the rules: for a terminal and as a page of the manual.

use std::fmt::Write;

use roff::{Roff, bold, roman};

use super::{Printer, Shade};
use crate::manifest::{Rule, Severity};

/// One rule in full.
pub(super) fn text(rule: Rule, printer: &Printer) -> String {
    let title = printer.paint(Shade::Strong, &format!("{rule} {}", rule.title()));
    format!("{title}\n{}\n\n{}\n", kind(rule.severity()), rule.explanation())
}

/// All rules, one a line.
pub(super) fn list(printer: &Printer) -> String {
    let mut out = String::new();
    for rule in Rule::all() {
        let shade = match rule.severity() {
            Severity::Error => Shade::Error,
            Severity::Warning => Shade::Warning,
            Severity::Hint => Shade::Faint,
        };
        let severity = printer.paint(shade, &format!("{:<7}", rule.severity().as_str()));
        let _ = writeln!(out, "{rule}  {severity}  {}", rule.title());
    }
    out
}

fn kind(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "An error: nothing is sent while there is one.",
        Severity::Warning => "A warning; --strict makes it an error.",
        Severity::Hint => "A hint; it never fails a check.",
    }
}

/// All rules as a page of section 7.
pub(super) fn page() -> String {
    let mut page = Roff::new();
    page.control("TH", ["zerverless-gitops-rules", "7", "", "zerverless-gitops", ""]);
    page.control("SH", ["NAME"]).text([roman("zerverless-gitops-rules - what zerverless-gitops validate looks for")]);
    page.control("SH", ["DESCRIPTION"]);
    page.text([roman("Codes never change their meaning. ZG0xx are errors, ZG1xx warnings (errors with --strict), ZG2xx hints.")]);
    page.control("SH", ["RULES"]);
    for rule in Rule::all() {
        page.control("SS", [format!("{rule} {}", rule.title()).as_str()]);
        page.text([bold(kind(rule.severity()))]);
        for paragraph in rule.explanation().split("\n\n") {
            if paragraph.starts_with("    ") {
                page.control("PP", []).control("nf", []);
                for line in paragraph.lines() {
                    page.text([roman(line)]);
                }
                page.control("fi", []);
            } else {
                page.control("PP", []).text([roman(paragraph)]);
            }
        }
    }
    page.control("SH", ["SEE ALSO"]).text([roman("zerverless-gitops-validate(1), zerverless-gitops-explain(1)")]);
    page.to_roff()
}
