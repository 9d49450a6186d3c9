//! What is recorded, for programs.

use serde_json::{Value, json};

use super::json::{FORMAT_VERSION, text};
use super::words;
use crate::key::{AppId, ItemKey};
use crate::pipeline::{Against, Exported, Recorded, Released, Repaired, Resumed, Status};
use crate::record::{Hold, Holder, Outcome, Phase, Run};

pub(super) fn status(status: &Status) -> String {
    let mut object = application(&status.recorded);
    object["format_version"] = FORMAT_VERSION.into();
    object["sync"] = json!(status.sync);
    object["health"] = json!(status.health.word);
    let troubles = status.health.troubles.iter();
    object["troubles"] =
        troubles.map(|trouble| json!({ "kind": trouble.key.kind, "name": trouble.key.name, "what": trouble.what })).collect();
    object["verified"] = status.verified.as_str().into();
    object["items"] = json!({ "functions": status.functions, "static_files": status.files, "unknown": status.unknown });
    let drift = status.drift.iter().map(|drift| json!({ "kind": drift.key.kind, "name": drift.key.name, "what": drift.what }));
    object["against"] = match &status.against {
        Some(Against { revision, pending, refused }) => json!({ "revision": revision, "pending": pending, "refused": refused }),
        None => Value::Null,
    };
    object["drift"] = drift.collect();
    object["unmanaged"] = status.unmanaged.iter().map(item).collect();
    text(&object)
}

pub(super) fn history(recorded: &Recorded) -> String {
    let runs = recorded.head.iter().flat_map(|head| &head.history).map(run).collect::<Vec<_>>();
    text(&named(&recorded.app, &json!({ "runs": runs })))
}

pub(super) fn list(applications: &[Recorded], nameless: &[String]) -> String {
    let applications = applications.iter().map(application).collect::<Vec<_>>();
    text(&json!({ "format_version": FORMAT_VERSION, "applications": applications, "damaged": nameless }))
}

pub(super) fn released(released: &Released) -> String {
    text(&named(&released.app, &json!({ "released": true, "items": released.items })))
}

pub(super) fn resumed(resumed: &Resumed) -> String {
    text(&named(&resumed.app, &json!({ "resumed": resumed.was.is_some(), "was": resumed.was.as_ref().map(hold) })))
}

pub(super) fn repaired(repaired: &Repaired) -> String {
    let rest = json!({
        "repaired": !repaired.was_whole,
        "damaged": damaged(&repaired.damaged),
        "items": repaired.items,
        "unknown": repaired.unknown,
        "unowned": repaired.unowned.iter().map(item).collect::<Vec<_>>(),
    });
    text(&named(&repaired.app, &rest))
}

pub(super) fn unlocked(app: &AppId, holders: &[Holder]) -> String {
    text(&named(app, &json!({ "declared_dead": holders.iter().map(ToString::to_string).collect::<Vec<_>>() })))
}

pub(super) fn exported(exported: &Exported) -> String {
    let left_out = exported.left_out.iter().map(|(key, why)| json!({ "kind": key.kind, "name": key.name, "why": why }));
    let rest = json!({
        "directory": exported.directory.to_string_lossy(),
        "functions": exported.functions,
        "static_files": exported.files,
        "left_out": left_out.collect::<Vec<_>>(),
    });
    text(&named(&exported.app, &rest))
}

fn named(app: &AppId, rest: &Value) -> Value {
    let mut object = json!({ "format_version": FORMAT_VERSION, "application": app.name, "namespace": app.namespace });
    for (key, value) in rest.as_object().into_iter().flatten() {
        object[key] = value.clone();
    }
    object
}

fn application(recorded: &Recorded) -> Value {
    let head = recorded.head.as_ref();
    let running = recorded.runs.iter().any(|run| !run.gone && run.phase != Phase::Dead);
    let operation = match head.and_then(|head| head.history.first()).map(|run| run.outcome) {
        _ if running => "Running",
        Some(Outcome::Succeeded) => "Succeeded",
        Some(Outcome::Partial | Outcome::Interrupted) => "Partial",
        None => "Failed",
    };
    let runs = recorded.runs.iter().map(|run| json!({ "holder": run.holder, "phase": run.phase, "gone": run.gone }));
    json!({
        "application": recorded.app.name,
        "namespace": recorded.app.namespace,
        "operation": operation,
        "source": head.map(|head| &head.source),
        "branch": head.and_then(|head| head.branch.as_ref()),
        "revision": head.and_then(|head| head.revision.as_ref()),
        "hold": head.and_then(|head| head.hold.as_ref()).map(hold),
        "last_run": head.and_then(|head| head.history.first()).map(run),
        "runs": runs.collect::<Vec<_>>(),
        "damaged": damaged(&recorded.damaged),
    })
}

fn run(run: &Run) -> Value {
    json!({
        "run": run.run,
        "at": words::moment(&run.at),
        "revision": run.revision,
        "actor": run.actor,
        "host": run.host,
        "outcome": run.outcome,
        "counts": run.counts,
    })
}

fn hold(hold: &Hold) -> Value {
    json!({ "reason": hold.reason, "actor": hold.actor, "at": words::moment(&hold.at) })
}

fn item(key: &ItemKey) -> Value {
    json!({ "kind": key.kind, "name": key.name })
}

fn damaged(parts: &[(String, String)]) -> Vec<Value> {
    parts.iter().map(|(key, why)| json!({ "key": key, "why": why })).collect()
}
