//! For the log of a GitHub workflow: commands that become annotations at the lines of a change.

use std::fmt::Write;

use super::changes::{sentence, summary};
use super::{Check, Verb};
use crate::error::Error;
use crate::manifest::{Finding, Severity};
use crate::pipeline::Run;

/// GitHub shows so many annotations of one kind from one step, and drops the rest without a word.
const SHOWN: usize = 10;

/// What `validate` found, the worst first.
pub(super) fn check(checks: &[Check], strict: bool) -> String {
    let mut out: String = checks.iter().filter_map(|check| check.error.as_ref()).map(failed).collect();
    findings(&mut out, checks.iter().flat_map(Check::named).collect(), strict);
    out
}

/// What `diff` and `sync` have to say: the sum of each application, and what is wrong with it.
pub(super) fn runs(runs: &[Run], verb: Verb) -> String {
    let mut out = String::new();
    let found = runs
        .iter()
        .flat_map(|run| run.findings.iter().chain(if let Some(Error::Invalid(findings)) = &run.error { findings } else { &[][..] }));
    findings(&mut out, found.map(|finding| (finding, finding.file.as_str())).collect(), false);
    for run in runs {
        let title = run.app.as_ref().map_or_else(|| run.manifest.clone(), ToString::to_string);
        if let Some(error) = run.error.as_ref().filter(|error| !matches!(error, Error::Invalid(_))) {
            out.push_str(&failed(error));
        }
        let Some(plan) = &run.plan else { continue };
        for warning in &plan.warnings {
            command(&mut out, "warning", &[("title", title.clone())], warning);
        }
        let done = verb == Verb::Sync && run.outcomes.is_some();
        command(&mut out, "notice", &[("title", title)], &sentence(&summary(run), done));
    }
    out
}

fn findings(out: &mut String, mut findings: Vec<(&Finding, &str)>, strict: bool) {
    findings.sort_by_key(|(finding, _)| finding.severity(strict));
    for severity in [Severity::Error, Severity::Warning, Severity::Hint] {
        let of_kind: Vec<_> = findings.iter().filter(|(finding, _)| finding.severity(strict) == severity).collect();
        // With more than can be shown, the last one says how many there are.
        let shown = if of_kind.len() > SHOWN { SHOWN - 1 } else { of_kind.len() };
        for (finding, file) in &of_kind[..shown] {
            annotation(out, finding, file, severity);
        }
        if of_kind.len() > shown {
            let rest = format!("{} more findings of this kind are in the summary", of_kind.len() - shown);
            command(out, kind(severity), &[("title", "zerverless-gitops".to_owned())], &rest);
        }
    }
}

fn kind(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "notice",
    }
}

fn annotation(out: &mut String, finding: &Finding, file: &str, severity: Severity) {
    let mut properties = vec![("file", file.to_owned())];
    if let Some(((line, column), (end_line, end_column))) = finding.place() {
        properties.extend([("line", line.to_string()), ("endLine", end_line.to_string())]);
        // Columns are taken only inside one line.
        if line == end_line {
            properties.extend([("col", column.to_string()), ("endColumn", end_column.to_string())]);
        }
    }
    properties.push(("title", format!("{}: {}", finding.rule, finding.rule.title())));
    let help = finding.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    command(out, kind(severity), &properties, &format!("{}{help}", finding.message));
}

fn failed(error: &Error) -> String {
    let help = error.help().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let mut out = String::new();
    command(&mut out, "error", &[("title", error.class().code().to_owned())], &format!("{error}{help}"));
    out
}

/// One workflow command. Line ends and what separates its parts are escaped, so that no text of others can start another command.
fn command(out: &mut String, name: &str, properties: &[(&str, String)], message: &str) {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let properties: Vec<String> = properties.iter().map(|(key, value)| format!("{key}={}", property(value))).collect();
    let _ = writeln!(out, "::{name} {}::{}", properties.join(","), data(message));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_starts_a_command_of_its_own() {
        let mut out = String::new();
        command(&mut out, "error", &[("file", "a,b:c%".to_owned())], "one\n::set-output name=x::y\r%");
        assert_eq!(out, "::error file=a%2Cb%3Ac%25::one%0A::set-output name=x::y%0D%25\n");
    }
}
