//! For a comment on a pull request. It starts with a hidden marker, so that a bot can find and replace its own comment.

use std::fmt::Write;

use super::changes::{mark, name, noun, sentence, summary, trouble};
use super::tally::Tally;
use super::{Check, Detail, Verb, linediff, words};
use crate::pipeline::Run;
use crate::plan::Action;

/// GitHub refuses a comment of more characters.
const LONGEST: usize = 65_536;
/// Room for what follows the list.
const CLOSING: usize = 2_000;

/// Every application, each behind a marker of its own; together not longer than one comment may be.
pub(super) fn runs(runs: &[Run], verb: Verb, detail: Detail) -> String {
    let mut out = String::new();
    for (position, one) in runs.iter().enumerate() {
        if out.len() + 2 * CLOSING > LONGEST {
            let _ = writeln!(out, "\n… and {}", words::count((runs.len() - position) as u64, "more application"));
            break;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        // What is left is shared by the applications that are still to come.
        let share = (LONGEST - out.len()) / (runs.len() - position).clamp(1, 8);
        out.push_str(&run(one, verb, detail, share));
    }
    out
}

/// One application's plan, or what became of it, in about `longest` characters.
fn run(run: &Run, verb: Verb, detail: Detail, longest: usize) -> String {
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
        if out.len() + row.len() + lines.len() + CLOSING > longest {
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

/// What `validate` found: the sum first, then the worst.
pub(super) fn check(checks: &[Check], strict: bool) -> String {
    let mut out = "<!-- zerverless-gitops validate -->\n".to_owned();
    if checks.len() > 1 {
        let all = Tally::of(checks.iter().flat_map(|check| &check.findings), strict);
        let _ = writeln!(out, "**{}: {}**\n", words::count(checks.len() as u64, "manifest"), all.words());
    }
    let mut left: usize = checks.iter().map(|check| check.findings.len()).sum();
    for check in checks {
        let mut section = format!("### `{}`: {}\n\n", in_code(&check.manifest), Tally::of(&check.findings, strict).words());
        if check.older > 0 {
            let _ = writeln!(section, "{} left out.\n", words::count(check.older as u64, "older finding"));
        }
        if let Some(error) = &check.error {
            section = format!("> **{}**: {}\n\n", error.class().code(), escape(&error.to_string()));
        }
        let mut findings: Vec<_> = check.named().collect();
        findings.sort_by_key(|(finding, _)| finding.severity(strict));
        for (finding, file) in findings {
            let line = finding.place().map(|((line, _), _)| format!(":{line}")).unwrap_or_default();
            let help = finding.help.as_deref().map(|help| format!(" — {}", escape(help))).unwrap_or_default();
            let (severity, code) = (finding.severity(strict).as_str(), finding.rule);
            let row = format!("- {severity} **{code}** `{}{line}` {}{help}\n", in_code(file), escape(&finding.message));
            if out.len() + section.len() + row.len() + CLOSING > LONGEST {
                let _ = writeln!(section, "- … and {}", words::count(left as u64, "more finding"));
                return out + &section;
            }
            section.push_str(&row);
            left -= 1;
        }
        if out.len() + section.len() + CLOSING > LONGEST {
            out.push_str("… and more manifests\n");
            return out;
        }
        out.push_str(&section);
        out.push('\n');
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
