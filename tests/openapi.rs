//! `/openapi.json`: the description of the API is a valid one, names every call, and says the truth about the answers.

use serde_json::{Map, Value, json};

use crate::support::{APPLICATIONS, App, Control, GitHost, JsonSchema, Orchestrator, Sandbox};

const SCHEMA: &str = include_str!("schemas/openapi-3.1.json");

fn described(control: &Control) -> Value {
    let reply = control.send("GET", "/openapi.json", "");
    assert_eq!(reply.status, 200);
    reply.parsed()
}

/// What an answer of `status` to `method` on `path` looks like; the status may be one for all of its hundred.
#[track_caller]
fn form(document: &Value, path: &str, method: &str, status: u16) -> JsonSchema {
    let responses = &document["paths"][path][method]["responses"];
    let response = responses.get(status.to_string()).or_else(|| responses.get(format!("{}XX", status / 100)));
    let content = response.and_then(|response| response["content"].get("application/json"));
    let schema = content.unwrap_or_else(|| panic!("{status} of {method} {path} is not described in {responses}"));
    let mut schema = schema["schema"].clone();
    schema["components"] = document["components"].clone();
    // Nothing is answered that is not described.
    for part in schema["components"]["schemas"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        part["additionalProperties"] = json!(false);
    }
    JsonSchema::new(schema)
}

#[test]
fn the_description_is_valid_and_names_every_call() {
    let place = Sandbox::empty().create();
    let control = Control::start(&place, "http://127.0.0.1:1", &[]);
    let document = described(&control);
    let schema = JsonSchema::new(serde_json::from_str(SCHEMA).expect("a schema"));
    assert_eq!(schema.refusal(&document), None);
    assert!(schema.refusal(&json!({"openapi": "3.1.0", "paths": []})).is_some());
    let calls: Vec<String> = document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, item)| item.as_object().expect("methods").keys().map(move |method| format!("{method} {path}")))
        .collect();
    let applications: Vec<_> = calls.iter().filter_map(|call| call.strip_suffix(APPLICATIONS)).collect();
    assert_eq!(applications, ["get ", "post "], "{calls:?}");
    for call in [
        "get /api/gitops/applications/{name}",
        "patch /api/gitops/applications/{name}",
        "delete /api/gitops/applications/{name}",
        "post /api/gitops/applications/{name}/sync",
        "post /api/gitops/applications/{name}/suspend",
        "post /api/gitops/applications/{name}/resume",
        "get /api/gitops/applications/{name}/history",
        "get /metrics",
        "get /healthz",
        "get /readyz",
        "post /webhooks/{provider}",
    ] {
        assert!(calls.iter().any(|known| known == call), "{call} is not in {calls:?}");
        // And whoever answers is who is described.
        let (method, path) = call.split_once(' ').expect("two words");
        let path = path.replace("{name}", "none").replace("{provider}", "github");
        let reply = control.send(&method.to_uppercase(), &path, "{}");
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        assert!(reply.status != 405 && !text.contains("nothing is served"), "{call}: {} {text}", reply.status);
    }
    assert_eq!(calls.len(), 13, "{calls:?}");
}

#[test]
fn answers_are_as_described() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).site()).file("static/x.txt", "1").repository().create();
    let host = GitHost::of(&source);
    let control = Control::start(&source, server.url(), &["--interval", "24h"]);
    let document = described(&control);
    let body = json!({"name": "app", "namespace": server.namespace(), "source": {"repoURL": host.app()}}).to_string();
    let other = body.replace("app.git", "other.git");
    let one = "/api/gitops/applications/{name}";
    for (method, path, below, body, status) in [
        ("post", APPLICATIONS, "", body.as_str(), 201),
        ("post", APPLICATIONS, "", &body, 200),
        ("post", APPLICATIONS, "", &other, 409),
        ("post", APPLICATIONS, "", "{}", 400),
        ("post", &format!("{one}/sync"), "/app/sync?wait=60s", "", 200),
        ("get", APPLICATIONS, "", "", 200),
        ("get", one, "/app", "", 200),
        ("get", one, "/none", "", 404),
        ("get", &format!("{one}/history"), "/app/history", "", 200),
        ("patch", one, "/app", r#"{"auth": null}"#, 200),
        ("post", &format!("{one}/suspend"), "/app/suspend", r#"{"reason": "r"}"#, 200),
        ("post", &format!("{one}/sync"), "/app/sync", "", 409),
        ("post", &format!("{one}/resume"), "/app/resume", "", 200),
    ] {
        let reply = control.send(&method.to_uppercase(), &format!("{APPLICATIONS}{below}"), body);
        let answer = reply.parsed();
        assert_eq!(reply.status, status, "{method} {below}: {answer}");
        assert_eq!(form(&document, path, method, status).refusal(&answer), None, "{method} {below}: {answer}");
    }
    for path in ["/healthz", "/readyz"] {
        assert_eq!(form(&document, path, "get", 200).refusal(&control.send("GET", path, "").parsed()), None);
    }
    let refused = control.send("POST", "/webhooks/github", "{}");
    assert_eq!(form(&document, "/webhooks/{provider}", "post", refused.status).refusal(&refused.parsed()), None);
    // A description that fits anything would prove nothing.
    assert!(form(&document, one, "get", 200).refusal(&json!({"name": "app"})).is_some());
}
