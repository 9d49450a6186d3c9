//! Which keys a manifest has and what each holds: found for the whole file at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_yaml::Value as Yaml;

use super::finding::{Finding, MOST_FINDINGS, SourceText};
use super::keys::{FUNCTION, Field, MANIFEST, Shape};
use super::node::{Node, Value};
use super::rule::Rule;
use crate::key::printable;

/// Everything about keys and kinds of values that is wrong below `root`.
pub(super) fn check(root: &Node, source: &SourceText) -> Vec<Finding> {
    let mut checker = Checker { source, findings: Vec::new() };
    checker.value(root, root.label(&source.text), &Shape::Map(&MANIFEST), "the manifest");
    checker.findings
}

/// What is left of `root` without the parts that [`check`] reports, so that mistakes in the values of the rest are found in the same run.
/// Items of lists keep their positions; of a key that stands twice the first counts.
pub(super) fn without_mistakes(root: &Node) -> Yaml {
    readable(root, &Shape::Map(&MANIFEST)).unwrap_or_default()
}

fn readable(node: &Node, shape: &Shape) -> Option<Yaml> {
    match (shape, &node.value) {
        (Shape::Scalar(_), Value::Scalar { text, .. }) if !node.is_null() => Some(text.as_str().into()),
        (Shape::Literal(_), Value::Scalar { text, plain }) if !node.is_null() => {
            Some(serde_yaml::from_str(text).ok().filter(|_| *plain).unwrap_or_else(|| text.as_str().into()))
        }
        (Shape::List(item), Value::List(items)) => {
            Some(items.iter().map(|child| readable(child, item).unwrap_or(item.nothing())).collect())
        }
        (Shape::Map(mapping), Value::Map(_)) => {
            let known = mapping.fields.iter().filter_map(|field| Some((field.key, readable(&node.entry(field.key)?.1, &field.shape)?)));
            Some(Yaml::Mapping(known.map(|(key, value)| (key.into(), value)).collect()))
        }
        (Shape::AnyKeys(shape), Value::Map(entries)) => {
            let values = entries.iter().filter_map(|(key, value)| Some((key.text()?.into(), readable(value, shape)?)));
            Some(Yaml::Mapping(values.collect()))
        }
        _ => None,
    }
}

struct Checker<'a> {
    source: &'a SourceText,
    findings: Vec<Finding>,
}

impl Checker<'_> {
    fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// `at` is the key, where there is one: the value may be a secret and is not shown.
    fn value(&mut self, node: &Node, at: std::ops::Range<usize>, shape: &Shape, what: &str) {
        match (shape, &node.value) {
            (Shape::Scalar(_) | Shape::Literal(_), Value::Scalar { .. }) if !node.is_null() => {}
            (Shape::List(item), Value::List(items)) => {
                for (position, child) in items.iter().enumerate() {
                    self.value(child, child.label(&self.source.text), item, &format!("{what}[{position}]"));
                }
            }
            (Shape::Map(mapping), Value::Map(entries)) => self.mapping(node, entries, mapping.fields, at, what),
            (Shape::AnyKeys(shape), Value::Map(entries)) => {
                self.duplicates(entries);
                for (key, value) in entries {
                    self.value(value, key.label(&self.source.text), shape, &brief(key.text().unwrap_or(what)));
                }
            }
            (wanted, _) => {
                let message = format!("`{what}` needs {}, and this is {}", wanted.noun(), node.kind());
                let finding = Finding::at(Rule::WrongType, self.source, at, message).hide(node.span.clone());
                let opener = self.source.text[node.span.start..].chars().next().filter(|c| matches!(c, '{' | '['));
                self.add(match (wanted, opener) {
                    (Shape::Scalar(_) | Shape::Literal(_), Some(opener)) => {
                        finding.help(format!("put a text that starts with `{opener}` in quotes"))
                    }
                    _ => finding.help(wanted.help()),
                });
            }
        }
    }

    fn mapping(
        &mut self,
        node: &Node,
        entries: &[(Arc<Node>, Arc<Node>)],
        fields: &'static [Field],
        at: std::ops::Range<usize>,
        what: &str,
    ) {
        self.duplicates(entries);
        // A misspelt key is one mistake, not two; so are keys that stand beside the one they belong below.
        let mut meant = Vec::new();
        for (key, value) in entries {
            let Some(field) = fields.iter().find(|field| key.text() == Some(field.key)) else {
                meant.extend(self.unknown(key, value, fields, what).filter(|field| !meant.contains(field)));
                continue;
            };
            self.value(value, key.label(&self.source.text), &field.shape, field.key);
        }
        for field in fields.iter().filter(|field| field.required && node.entry(field.key).is_none()) {
            if !meant.contains(&field.key) {
                let message = format!("`{}` is missing in {what}", field.key);
                self.add(Finding::at(Rule::MissingKey, self.source, at.clone(), message).help(format!("add `{}:`", field.key)));
            }
        }
    }

    /// Gives the field that the key was meant to be, or to stand below.
    fn unknown(&mut self, key: &Node, value: &Node, fields: &'static [Field], what: &str) -> Option<&'static str> {
        let label = key.label(&self.source.text);
        let Some(name) = key.text() else {
            self.add(
                Finding::at(Rule::WrongType, self.source, label, "a key must be a single word")
                    .hide(key.span.start..value.span.end.max(key.span.end)),
            );
            return None;
        };
        let finding = Finding::at(Rule::UnknownKey, self.source, label, format!("`{}` is not a key of {what}", brief(name)));
        let finding = finding.hide(value.span.clone());
        let (help, meant) = match (parent_of(name, fields), nearest(name, fields)) {
            (Some(parent), _) => (format!("`{name}` belongs below `{}`", parent.key), Some(parent.key)),
            (None, Some(meant)) => (format!("did you mean `{meant}`?"), Some(meant)),
            (None, None) => (format!("the keys here are {}", keys(fields)), None),
        };
        self.add(finding.help(help));
        meant
    }

    fn duplicates(&mut self, entries: &[(Arc<Node>, Arc<Node>)]) {
        let mut seen = BTreeMap::new();
        for (key, _) in entries {
            let Some(name) = key.text() else { continue };
            if let Some(first) = seen.insert(name, key) {
                let message = if self.findings.len() < MOST_FINDINGS {
                    let line = self.source.position(first.span.start).0;
                    format!("`{}` stands twice; the first is in line {line}", brief(name))
                } else {
                    format!("`{}` stands twice", brief(name))
                };
                let finding = Finding::at(Rule::DuplicateKey, self.source, key.label(&self.source.text), message).help("keep one of them");
                self.add(finding.beside(first.label(&self.source.text), "the first"));
            }
        }
    }
}

impl Shape {
    /// What stands for an item that cannot be read.
    fn nothing(&self) -> Yaml {
        match self {
            Self::Scalar(_) | Self::Literal(_) => "".into(),
            Self::List(_) => Yaml::Sequence(Vec::new()),
            Self::Map(_) | Self::AnyKeys(_) => Yaml::Mapping(serde_yaml::Mapping::new()),
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Scalar(_) | Self::Literal(_) => "write one value behind the colon".to_owned(),
            Self::List(_) => "write each item on a line of its own behind `- `, or `[]` for none".to_owned(),
            Self::Map(mapping) => {
                format!("write {} below it, each as `key: value` with a space behind the colon", keys(mapping.fields))
            }
            Self::AnyKeys(_) => "write each entry below it as `key: value`".to_owned(),
        }
    }

    fn noun(&self) -> &'static str {
        match self {
            Self::Scalar(_) | Self::Literal(_) => "a single value",
            Self::List(_) => "a list",
            Self::Map(_) | Self::AnyKeys(_) => "a mapping of keys",
        }
    }
}

/// A text of the manifest for a message: safe to print and not longer than a line.
pub(super) fn brief(value: &str) -> String {
    let shown: String = value.chars().take(80).collect();
    let dots = if shown.len() < value.len() { "…" } else { "" };
    format!("{}{dots}", printable(&shown))
}

/// The key of a function that `name` is, or most likely stands for.
pub(super) fn meant_function_key(name: &str) -> Option<&'static str> {
    FUNCTION.fields.iter().map(|field| field.key).find(|key| *key == name).or_else(|| nearest(name, FUNCTION.fields))
}

fn keys(fields: &[Field]) -> String {
    fields.iter().map(|field| format!("`{}`", field.key)).collect::<Vec<_>>().join(", ")
}

/// The field of `fields` below which a key of this name belongs.
fn parent_of(name: &str, fields: &'static [Field]) -> Option<&'static Field> {
    fields.iter().find(|field| matches!(field.shape, Shape::Map(below) if below.fields.iter().any(|field| field.key == name)))
}

/// What other tools call it.
const SYNONYMS: [(&str, &str); 8] = [
    ("file", "codeFile"),
    ("filename", "codeFile"),
    ("script", "code"),
    ("language", "runtime"),
    ("lang", "runtime"),
    ("route", "path"),
    ("url", "path"),
    ("folder", "dir"),
];

/// The known key that `name` most likely stands for.
fn nearest(name: &str, fields: &'static [Field]) -> Option<&'static str> {
    let known = |meant: &str| fields.iter().map(|field| field.key).find(|key| *key == meant);
    if let Some(meant) = SYNONYMS.iter().find(|(other, _)| name.eq_ignore_ascii_case(other)).and_then(|(_, meant)| known(meant)) {
        return Some(meant);
    }
    nearest_word(name, fields.iter().map(|field| field.key))
}

/// The word of `words` that `typed` most likely stands for, if any is near.
pub(super) fn nearest_word<'a>(typed: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase().replace(['-', '_'], "");
    let distance = |word: &str| strsim::damerau_levenshtein(&typed, &word.to_lowercase());
    let longer = |word: &str| word.len() >= 3 && typed.starts_with(&word.to_lowercase());
    let near = |word: &&str| (distance(word) <= (word.len() / 3).max(1) || longer(word)) && typed.len() < 40;
    words.filter(near).min_by_key(|word| distance(word))
}

#[cfg(test)]
mod tests {
    use super::super::node::parse;
    use super::*;
    use crate::files::TreePath;

    fn findings(text: &str) -> Vec<(String, Option<String>)> {
        let source = SourceText { path: TreePath::root().child("zerverless.yaml"), text: text.into() };
        let node = parse(&source).expect("YAML").expect("a node");
        check(&node, &source).into_iter().map(|finding| (finding.message, finding.help)).collect()
    }

    #[test]
    fn a_misspelt_key_is_one_finding_with_the_key_that_was_meant() {
        let text = "apiVersion: v\nkind: A\nmetadata: {name: a, namespace: b}\nspec:\n  function:\n    - path: /a\n";
        assert_eq!(findings(text), [("`function` is not a key of spec".to_owned(), Some("did you mean `functions`?".to_owned()))]);
        let text = "apiversion: v\nkind: A\nmetadata: {name: a, namespace: b}\nspec: {}";
        assert_eq!(
            findings(text),
            [("`apiversion` is not a key of the manifest".to_owned(), Some("did you mean `apiVersion`?".to_owned()))]
        );
    }

    #[test]
    fn all_problems_are_found_at_once_and_no_value_is_told() {
        let text = "kind: A\nauth: {token: [s3cr3t]}\nmetadata: {name: [s3cr3t], namespace: ~}\nspec: {functions: s3cr3t, static: {dir: a, dir: b}}\n";
        let found = findings(text);
        assert_eq!(found.len(), 6, "{found:?}");
        assert!(found.iter().all(|(message, help)| !format!("{message}{help:?}").contains("s3cr3t")));
    }
}
