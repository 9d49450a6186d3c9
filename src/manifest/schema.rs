//! The JSON Schema of a manifest, for editors: made of the same table of keys by which manifests are checked.
//!
//! It says what the form of a file can say. It must never refuse what `validate` accepts; what it cannot know (whether a file is there, whether a path
//! stands twice) is left to `validate`. No pattern looks ahead: not every validator can.

use serde_json::{Map, Value, json};

use super::keys::{FUNCTION, Field, Literal, MANIFEST, Mapping, Shape, Text};
use crate::key::RESERVED_NAMESPACES;

/// The usual name of the file that holds it.
pub const SCHEMA_FILE: &str = "zerverless.schema.json";

const LABEL: &str = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$";
/// Segments that are neither empty nor `.` nor `..`, without `\`, `?` and `#`.
const FUNCTION_PATH: &str = r"^(/([^/.\\?#]|\.[^/.\\?#]|\.\.[^/\\?#])[^/\\?#]*)+$";
/// Not absolute.
const FILE_PATH: &str = "^[^/]";
const PLATFORM: &str = "^[a-z0-9_]+/[a-z0-9_]+(/[a-z0-9_]+)?$";
const NOT_BLANK: &str = r"\S";

/// The schema of a manifest, draft 2020-12.
#[must_use]
pub fn schema() -> Value {
    let mut parts = Map::new();
    collect(&MANIFEST, &mut parts);
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "zerverless.yaml",
        "description": "What an application on a Zerverless orchestrator consists of; zerverless-gitops keeps the orchestrator equal to it.",
        "$ref": reference(&MANIFEST),
    });
    schema["$defs"] = Value::Object(parts);
    schema
}

fn reference(mapping: &Mapping) -> String {
    format!("#/$defs/{}", mapping.name)
}

/// Adds a mapping and those below it.
fn collect(mapping: &'static Mapping, parts: &mut Map<String, Value>) {
    parts.insert(mapping.name.to_owned(), object(mapping));
    for field in mapping.fields {
        let mut shape = &field.shape;
        while let Shape::List(of) | Shape::AnyKeys(of) = shape {
            shape = of;
        }
        if let Shape::Map(below) = shape {
            collect(below, parts);
        }
    }
}

fn object(mapping: &Mapping) -> Value {
    let required: Vec<&str> = mapping.fields.iter().filter(|field| field.required).map(|field| field.key).collect();
    let properties: Map<String, Value> = mapping.fields.iter().map(|field| (field.key.to_owned(), property(field))).collect();
    let mut object = json!({"type": "object", "additionalProperties": false, "properties": properties});
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    if mapping.name == FUNCTION.name {
        object["if"] = json!({"properties": {"runtime": {"const": "docker"}}, "required": ["runtime"]});
        object["then"] = container();
        object["else"] = code();
    }
    object
}

fn property(field: &Field) -> Value {
    let mut property = value(&field.shape);
    property["description"] = json!(field.about);
    property
}

fn value(shape: &Shape) -> Value {
    match shape {
        Shape::Scalar(text) => scalar(*text),
        Shape::Literal(Literal::Port) => json!({"type": "integer", "minimum": 1, "maximum": 65535}),
        Shape::Literal(Literal::Flag) => json!({"type": "boolean"}),
        Shape::List(of) => json!({"type": "array", "items": value(of)}),
        Shape::AnyKeys(of) => json!({"type": "object", "additionalProperties": value(of)}),
        Shape::Map(mapping) => json!({"$ref": reference(mapping)}),
    }
}

/// A value is taken as the text it was written as, so that `name: 123` is the name `123`; a pattern speaks of what YAML calls a string only.
fn scalar(text: Text) -> Value {
    let written = |pattern: &str| json!({"type": ["string", "number", "boolean"], "pattern": pattern});
    match text {
        Text::Any => json!({"type": ["string", "number", "boolean"]}),
        Text::NotBlank => written(NOT_BLANK),
        Text::Exactly(word) => json!({"const": word}),
        Text::OneOf(words) => json!({"enum": words}),
        Text::Label => written(LABEL),
        Text::Namespace => {
            let mut namespace = written(LABEL);
            namespace["not"] = json!({"enum": RESERVED_NAMESPACES});
            namespace
        }
        Text::FunctionPath => json!({"type": "string", "pattern": FUNCTION_PATH}),
        Text::FilePath => written(FILE_PATH),
        Text::Platform => json!({"type": "string", "pattern": PLATFORM}),
    }
}

/// What a Docker function has besides path and runtime.
fn container() -> Value {
    let without = |keys: &[&str]| json!(keys.iter().map(|key| ((*key).to_owned(), Value::Bool(false))).collect::<Map<_, _>>());
    json!({
        "properties": without(&["code", "codeFile"]),
        "oneOf": [
            {"required": ["image"], "properties": without(&["dockerfile", "context", "build"])},
            {"anyOf": [{"required": ["dockerfile"]}, {"required": ["context"]}], "properties": without(&["image"])},
        ],
    })
}

/// What a function of code has besides path and runtime.
fn code() -> Value {
    let foreign = ["dockerfile", "context", "image", "port", "build"];
    json!({
        "properties": foreign.iter().map(|key| ((*key).to_owned(), Value::Bool(false))).collect::<Map<_, _>>(),
        "oneOf": [{"required": ["code"]}, {"required": ["codeFile"]}],
    })
}
