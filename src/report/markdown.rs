//! For a comment on a pull request. It starts with a hidden marker, so that a bot can find and replace its own comment.

use std::fmt::Write;

use super::changes::{mark, name, noun, sentence, summary, trouble};
use super::{Check, Detail, Verb, linediff, words};
use crate::manifest::Severity;
use crate::pipeline::Run;
use crate::plan::Action;

/// GitHub refuses a comment of more characters.
const LONGEST: usize = 65_536;
/// Room for what follows the list.
const CLOSING: usize = 2_000;

/// One application's plan, or what became of it.
pub(super) fn run(run: &Run, verb: Verb, detail: Detail) -> String {
    let app = run.app.as_ref().map_or_else(|| run.manifest.clone(), ToString::to_string);
    let mut out = format!("<!-- zerverless-gitops {app} -->\n");
    let done = verb != Verb::Diff && run.outcomes.is_some();
    let revision = run.revision.as_deref().map(|revision| format!(" at `{}`", words::revision(revision))).unwrap_or_default();
    let _ = writeln!(out, "### `{}`{revision}\n", in_code(&app));
    if run.plan.is_some() {
        let _ = writeln!(out, "**{}**\n", sentence(&summary(run), done));
    }
    if let Some(error) = &run.error {
        let _ = writeln!(out, "> **{}**: {}", error.class().code(), escape(&error.to_string()));
        if let Some(help) = error.help() {
            let _ = writeln!(out, ">\n> {}", escape(&help));
        }
        out.push('\n');
    }
    let Some(plan) = &run.plan else { return out };
    for warning in &plan.warnings {
        let _ = writeln!(out, "> warning: {}\n", escape(warning));
    }
    let shown: Vec<_> = plan.changes.iter().filter(|change| change.action != Action::Unmanaged).collect();
    if shown.is_empty() {
        return out;
    }
    out.push_str("```diff\n");
    let mut left = shown.len();
    for change in shown {
        let why = trouble(run, change).map(|(ended, why)| format!(" [{ended}: {why}]")).unwrap_or_default();
        let row = format!("{} {} {}  # {}{why}\n", mark(change.action), noun(change.key.kind), name(change), change.reason);
        let code = change.code.as_ref().filter(|_| detail.show_code).map(|code| linediff::lines(code, 200)).unwrap_or_default();
        let lines: String = code.iter().map(|line| format!("{}     {}\n", line.mark, line.text)).collect();
        if out.len() + row.len() + lines.len() + CLOSING > LONGEST {
            break;
        }
        out.push_str(&fenced(&row));
        out.push_str(&fenced(&lines));
        left -= 1;
    }
    if left > 0 {
        let _ = writeln!(out, "… and {} more", words::grouped(left as u64));
    }
    out.push_str("```\n");
    out
}

/// What `validate` found.
pub(super) fn check(checks: &[Check], strict: bool) -> String {
    let mut out = "<!-- zerverless-gitops validate -->\n".to_owned();
    for check in checks {
        let errors = check.findings.iter().filter(|finding| strict || finding.rule.severity() == Severity::Error).count() as u64;
        let warnings = check.findings.len() as u64 - errors;
        let counts = format!("{}, {}", words::count(errors, "error"), words::count(warnings, "warning"));
        let _ = writeln!(out, "### `{}`: {counts}\n", in_code(&check.manifest));
        if let Some(error) = &check.error {
            let _ = writeln!(out, "> {}\n", escape(&error.to_string()));
        }
        for (finding, file) in check.findings.iter().zip(&check.files) {
            let line = finding.span.as_ref().map(|(source, span)| format!(":{}", source.position(span.start).0)).unwrap_or_default();
            let help = finding.help.as_deref().map(|help| format!(" — {}", escape(help))).unwrap_or_default();
            let row = format!("- **{}** `{}{line}` {}{help}\n", finding.rule, in_code(file), escape(&finding.message));
            if out.len() + row.len() + CLOSING > LONGEST {
                out.push_str("- … and more\n");
                return out;
            }
            out.push_str(&row);
        }
    }
    out
}

/// Text of ours and names of others in one line of Markdown: no markup of theirs gets through.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in crate::key::printable(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' | '*' | '_' | '[' | ']' | '#' | '@' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// Names of others inside a code span: nothing in it is markup but the backtick that would end it.
fn in_code(text: &str) -> String {
    crate::key::printable(text).replace('`', "'")
}

/// Nothing in the block can end the block.
fn fenced(text: &str) -> String {
    text.replace("```", "'''")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out() {
        assert_eq!(escape("a<img>@team *x*"), "a&lt;img&gt;\\@team \\*x\\*");
        assert_eq!(fenced("```"), "'''");
        assert_eq!(in_code("a`*b*"), "a'*b*");
    }
}
