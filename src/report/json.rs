//! For programs: one object on stdout, on failures too. `format_version` keeps its major number while only keys are added.

use serde::Serialize;
use serde_json::{Value, json};

use super::changes::summary;
use super::tally::Tally;
use super::{Check, Verb};
use crate::error::{Error, gravest};
use crate::key::{ItemKind, printable};
use crate::manifest::Finding;
use crate::pipeline::Run;
use crate::plan::{Action, Change, ItemOutcome};

pub(super) const FORMAT_VERSION: &str = "1.0";

#[derive(Serialize)]
struct ChangeJson<'a> {
    kind: ItemKind,
    name: &'a str,
    action: Action,
    reason: &'a str,
    before: Option<String>,
    after: Option<String>,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

/// One application. There may be ten thousand changes: they are written as they are, without a tree of values.
#[derive(Serialize)]
struct ApplicationJson<'a> {
    #[serde(flatten)]
    about: Value,
    changes: Vec<ChangeJson<'a>>,
}

#[derive(Serialize)]
struct RunsJson<'a> {
    format_version: &'static str,
    applications: Vec<ApplicationJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
}

impl<'a> RunsJson<'a> {
    fn of(runs: &'a [Run], verb: Verb) -> Self {
        let error = gravest(runs.iter().filter_map(|run| run.error.as_ref())).map(error_object);
        Self { format_version: FORMAT_VERSION, applications: runs.iter().map(|run| application(run, verb)).collect(), error }
    }
}

/// The result of `diff` and `sync`.
pub(super) fn runs(runs: &[Run], verb: Verb) -> String {
    text(&RunsJson::of(runs, verb))
}

/// The same, to be added to.
pub(super) fn runs_value(runs: &[Run], verb: Verb) -> Value {
    // Strings, numbers and lists always serialise.
    serde_json::to_value(RunsJson::of(runs, verb)).unwrap_or_default()
}

/// An object on a line of its own.
pub(super) fn line(object: &Value) -> String {
    escaped(object.to_string() + "\n")
}

/// The result of `validate`.
pub(super) fn check(checks: &[Check], strict: bool) -> String {
    text(&check_value(checks, strict))
}

/// The same, to be added to.
pub(super) fn check_value(checks: &[Check], strict: bool) -> Value {
    let findings = checks.iter().flat_map(Check::named);
    let Tally { errors, warnings, hints } = Tally::of(checks.iter().flat_map(|check| &check.findings), strict);
    let failed = checks.iter().find_map(|check| check.error.as_ref());
    let mut object = json!({
        "format_version": FORMAT_VERSION,
        "valid": errors == 0 && failed.is_none(),
        "error_count": errors,
        "warning_count": warnings,
        "hint_count": hints,
        "diagnostics": findings.map(|(finding, file)| diagnostic(finding, file, strict)).collect::<Vec<_>>(),
    });
    let older: usize = checks.iter().map(|check| check.older).sum();
    if older > 0 {
        object["older_count"] = json!(older);
    }
    if let Some(error) = failed {
        object["error"] = error_object(error);
    }
    object
}

/// The result of `prune-images`.
pub(super) fn images(removed: &[(String, u64)], dry_run: bool) -> String {
    let images: Vec<Value> = removed.iter().map(|(name, size)| json!({ "name": name, "size": size })).collect();
    text(&json!({ "format_version": FORMAT_VERSION, "dry_run": dry_run, "removed": images }))
}

/// A failure before any run began.
pub(super) fn error_only(error: &Error) -> String {
    text(&json!({ "format_version": FORMAT_VERSION, "applications": [], "error": error_object(error) }))
}

pub(super) fn text(object: &impl Serialize) -> String {
    // Strings, numbers and lists always serialise.
    escaped(serde_json::to_string_pretty(object).unwrap_or_default() + "\n")
}

/// Characters that a terminal would act on stand only inside strings, where an escape means the same. The serialiser has escaped those of ASCII but
/// one, and almost every report is ASCII.
fn escaped(json: String) -> String {
    if json.is_ascii() && !json.contains('\u{7f}') {
        return json;
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || printable(c.encode_utf8(&mut [0; 4])).len() == c.len_utf8() {
            out.push(c);
        } else {
            out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    out
}

fn error_object(error: &Error) -> Value {
    json!({ "code": error.class().code(), "message": error.to_string(), "help": error.help() })
}

fn application(run: &Run, verb: Verb) -> ApplicationJson<'_> {
    let changes = run.plan.iter().flat_map(|plan| &plan.changes).map(|change| change_json(run, change, verb)).collect();
    let mut about = json!({
        "application": run.app.as_ref().map(|app| app.name.as_str()),
        "namespace": run.app.as_ref().map(|app| app.namespace.as_str()),
        "manifest": run.manifest,
        "source": run.source,
        "revision": run.revision,
        "rewritten": run.rewritten,
        "server": run.url,
        "verified": run.verified.as_str(),
        "summary": summary(run),
        "warnings": run.plan.as_ref().map(|plan| plan.warnings.clone()).unwrap_or_default(),
        "guards": run.plan.as_ref().map(|plan| plan.guards.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap_or_default(),
        "requests": run.requests,
        "timings_ms": {
            "source": run.timings.source.as_millis(),
            "observe": run.timings.observe.as_millis(),
            "apply": run.timings.apply.as_millis(),
        },
    });
    let errors = match &run.error {
        Some(Error::Invalid(findings)) => findings.as_slice(),
        _ => &run.findings,
    };
    about["diagnostics"] = errors.iter().map(|finding| diagnostic(finding, finding.file.as_str(), false)).collect();
    if let Some(error) = &run.error {
        about["error"] = error_object(error);
    }
    ApplicationJson { about, changes }
}

fn change_json<'a>(run: &'a Run, change: &'a Change, verb: Verb) -> ChangeJson<'a> {
    let ended = run.outcomes.as_ref().and_then(|outcomes| outcomes.get(&change.key));
    let (outcome, error) = match ended {
        Some(ItemOutcome::Done(_)) => (Some("done"), None),
        Some(ItemOutcome::Failed(why)) => (Some("failed"), Some(why.as_str())),
        Some(ItemOutcome::Skipped(why)) => (Some("skipped"), Some(*why)),
        Some(ItemOutcome::Left(why)) => (Some("left"), Some(why.as_str())),
        None if verb != Verb::Diff && run.outcomes.is_some() && change.action.is_pending() => {
            (Some(if run.recorded { "done" } else { "skipped" }), None)
        }
        None => (None, None),
    };
    ChangeJson {
        kind: change.key.kind,
        name: &change.key.name,
        action: change.action,
        reason: &change.reason,
        before: change.before.map(|fingerprint| fingerprint.to_string()),
        after: change.after.map(|fingerprint| fingerprint.to_string()),
        size: change.size,
        outcome,
        error,
    }
}

fn diagnostic(finding: &Finding, file: &str, strict: bool) -> Value {
    let ((line, column), (end_line, end_column)) = finding.place().unwrap_or(((1, 1), (1, 1)));
    let mut object = json!({
        "severity": finding.severity(strict),
        "code": finding.rule.code(),
        "message": finding.message,
        "help": finding.help,
        "file": file,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    });
    if let Some((source, _)) = finding.span.as_ref().filter(|_| !finding.related.is_empty()) {
        let place = |(span, what): &(std::ops::Range<usize>, &str)| {
            let ((line, column), (end_line, end_column)) = (source.position(span.start), source.position(span.end));
            json!({ "message": what, "line": line, "column": column, "end_line": end_line, "end_column": end_column })
        };
        object["related"] = finding.related.iter().map(place).collect();
    }
    object
}
