//! For the test report of a CI server: a suite for each manifest, a case for each finding. Errors are failures; warnings and hints pass with what
//! they say as output. Only what the schema of Jenkins knows is written, which others read as well: the place is part of a case's name.

use std::fmt::Write;

use super::Check;
use super::tally::Tally;
use crate::manifest::{Finding, Severity};

/// What `validate` found.
pub(super) fn check(checks: &[Check], strict: bool) -> String {
    let suites: Vec<(u64, u64, u64, String)> = checks.iter().map(|check| suite(check, strict)).collect();
    let sum = |part: fn(&(u64, u64, u64, String)) -> u64| suites.iter().map(part).sum::<u64>();
    let (tests, failures, errors) = (sum(|suite| suite.0), sum(|suite| suite.1), sum(|suite| suite.2));
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let _ = writeln!(out, "<testsuites name=\"zerverless-gitops validate\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">");
    for (_, _, _, text) in suites {
        out.push_str(&text);
    }
    out.push_str("</testsuites>\n");
    out
}

/// How many cases, failures and errors, and the suite itself.
fn suite(check: &Check, strict: bool) -> (u64, u64, u64, String) {
    let tally = Tally::of(&check.findings, strict);
    let mut cases: String = check.named().map(|(finding, file)| case(check, finding, file, strict)).collect();
    let mut tests = check.findings.len() as u64;
    let manifest = if check.manifest.is_empty() { "source" } else { &check.manifest };
    if let Some(error) = &check.error {
        let class = error.class().code();
        let _ = writeln!(cases, "    <testcase classname=\"{0}\" name=\"{class}\" time=\"0\">", attribute(manifest));
        let _ = writeln!(cases, "      <error type=\"{class}\" message=\"{0}\"/>\n    </testcase>", attribute(&error.to_string()));
        tests += 1;
    } else if tally.errors == 0 {
        // A report without a single case is an error for some servers, and says nothing to people.
        let _ = writeln!(cases, "    <testcase classname=\"{}\" name=\"valid\" time=\"0\"/>", attribute(manifest));
        tests += 1;
    }
    let errors = u64::from(check.error.is_some());
    let head = format!("  <testsuite name=\"{}\" tests=\"{tests}\" failures=\"{}\" errors=\"{errors}\"", attribute(manifest), tally.errors);
    (tests, tally.errors, errors, format!("{head} skipped=\"0\" time=\"0\">\n{cases}  </testsuite>\n"))
}

fn case(check: &Check, finding: &Finding, file: &str, strict: bool) -> String {
    let severity = finding.severity(strict);
    let place = finding.place().map(|((line, column), _)| format!(":{line}:{column}")).unwrap_or_default();
    let help = finding.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let text = format!("{file}{place}: {}: {}{help}", severity.as_str(), finding.message);
    let name = attribute(&format!("{} {file}{place}", finding.rule));
    let class = attribute(&check.manifest);
    let inner = match severity {
        Severity::Error => {
            format!("<failure type=\"{}\" message=\"{}\">{}</failure>", finding.rule, attribute(&finding.message), content(&text))
        }
        Severity::Warning | Severity::Hint => format!("<system-out>{}</system-out>", content(&text)),
    };
    format!("    <testcase classname=\"{class}\" name=\"{name}\" time=\"0\">\n      {inner}\n    </testcase>\n")
}

fn attribute(text: &str) -> String {
    content(text).replace('"', "&quot;").replace('\n', "&#10;")
}

/// XML has no way to write most control characters at all.
fn content(text: &str) -> String {
    let allowed = |c: char| matches!(c, '\n' | ' '..='\u{7e}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let safe: String = text.chars().map(|c| if allowed(c) { c } else { '\u{fffd}' }).collect();
    safe.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
