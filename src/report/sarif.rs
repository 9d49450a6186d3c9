//! For code scanning: SARIF 2.1.0, with the texts of all rules.

use std::collections::HashMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::Check;
use crate::fingerprint::Fingerprint;
use crate::manifest::{Finding, Rule, Severity};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const HOME: &str = "https://github.com/nemoNoboru/zerverless";

/// What stands for itself in a relative reference.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What `validate` found.
pub(super) fn check(checks: &[Check], strict: bool) -> String {
    let positions: HashMap<Rule, usize> = Rule::all().enumerate().map(|(position, rule)| (rule, position)).collect();
    let findings = checks.iter().flat_map(Check::named);
    let failed: Vec<Value> = checks.iter().filter_map(|check| check.error.as_ref()).map(notification).collect();
    let object = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "zerverless-gitops",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": HOME,
                "rules": Rule::all().map(rule).collect::<Vec<_>>(),
            }},
            "invocations": [{"executionSuccessful": failed.is_empty(), "toolExecutionNotifications": failed}],
            "columnKind": "unicodeCodePoints",
            "results": findings.map(|(finding, file)| result(finding, file, positions[&finding.rule], strict)).collect::<Vec<_>>(),
        }],
    });
    super::json::text(&object)
}

fn rule(rule: Rule) -> Value {
    json!({
        "id": rule.code(),
        "name": format!("{rule:?}"),
        "shortDescription": {"text": rule.title()},
        "fullDescription": {"text": rule.explanation().split("\n\n").next().unwrap_or_default().replace('\n', " ")},
        "help": {"text": rule.explanation(), "markdown": rule.explanation()},
        "defaultConfiguration": {"level": level(rule.severity())},
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "note",
    }
}

fn notification(error: &crate::error::Error) -> Value {
    json!({"level": "error", "message": {"text": error.to_string()}, "descriptor": {"id": error.class().code()}})
}

fn result(finding: &Finding, file: &str, position: usize, strict: bool) -> Value {
    let help = finding.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let mut object = json!({
        "ruleId": finding.rule.code(),
        "ruleIndex": position,
        "level": level(finding.severity(strict)),
        "message": {"text": format!("{}{help}", finding.message)},
        "locations": [{"physicalLocation": physical(file, finding.place())}],
        "partialFingerprints": {"ruleAndMessage/v1": fingerprint(finding, file)},
    });
    if let Some((source, _)) = finding.span.as_ref().filter(|_| !finding.related.is_empty()) {
        let related = finding.related.iter().enumerate().map(|(id, (span, what))| {
            let place = Some((source.position(span.start), source.position(span.end)));
            json!({"id": id, "physicalLocation": physical(file, place), "message": {"text": what}})
        });
        object["relatedLocations"] = related.collect();
    }
    object
}

type Places = ((usize, usize), (usize, usize));

fn physical(file: &str, place: Option<Places>) -> Value {
    let path = utf8_percent_encode(file, PATH);
    let uri = if file.starts_with('/') { format!("file://{path}") } else { path.to_string() };
    let mut object = json!({"artifactLocation": {"uri": uri}});
    if let Some(((line, column), (end_line, end_column))) = place {
        object["region"] = json!({"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column});
    }
    object
}

/// The same while the finding only moves to another line.
fn fingerprint(finding: &Finding, file: &str) -> String {
    Fingerprint::of_bytes(format!("{}\n{file}\n{}", finding.rule, finding.message).as_bytes()).to_string()
}
