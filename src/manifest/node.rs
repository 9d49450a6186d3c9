//! The YAML as it was written, with the place of every part.
//!
//! serde_yaml gives places only for syntax and type errors. This pass keeps them for everything, and it is also where hostile YAML ends: nothing
//! is expanded, so depth and the size of aliases are judged before any other parser sees the text.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::finding::{Finding, SourceText};
use super::rule::Rule;
use super::yaml_error;

/// Deeper nesting is refused; a manifest needs five levels.
const MAX_DEPTH: usize = 32;

/// One part of a YAML document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) value: Value,
    /// Bytes of the text, end excluded.
    pub(super) span: Range<usize>,
    /// Bytes it stands for once its aliases are expanded.
    weight: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Value {
    Scalar { text: String, plain: bool },
    List(Vec<Arc<Node>>),
    Map(Vec<(Arc<Node>, Arc<Node>)>),
}

impl Node {
    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether YAML reads it as null.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// What it is, for a message; never the content.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            _ if self.is_null() => "nothing",
            Value::Scalar { .. } => "a single value",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// The key and value of an entry of a mapping.
    pub(super) fn entry(&self, key: &str) -> Option<&(Arc<Node>, Arc<Node>)> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|(name, _)| name.text() == Some(key)),
            _ => None,
        }
    }

    /// The bytes to point at: a scalar's first line, a mapping's first key, a list's first item.
    pub(super) fn label(&self, source: &str) -> Range<usize> {
        let first = match &self.value {
            Value::Map(entries) => entries.first().map(|(key, _)| key),
            Value::List(items) => items.first(),
            Value::Scalar { .. } => None,
        };
        if let Some(node) = first.filter(|node| node.span.start >= self.span.start) {
            return node.label(source);
        }
        let text = source.get(self.span.clone()).unwrap_or_default();
        let first_line = text.lines().next().unwrap_or_default().trim_end();
        if first_line.is_empty() {
            let start = self.span.start.min(source.len());
            return start..start + source[start..].chars().next().map_or(0, char::len_utf8);
        }
        self.span.start..self.span.start + first_line.len()
    }

    /// The bytes of the file that a part of a scalar's value was read from; none where the text was changed on the way, as by escapes.
    pub(super) fn inside(&self, part: &Range<usize>, source: &str) -> Option<Range<usize>> {
        let Value::Scalar { text: value, .. } = &self.value else { return None };
        let written = source.get(self.span.clone())?;
        if let Some(at) = written.find(value.as_str()).filter(|_| !value.contains('\n')) {
            let start = self.span.start + at;
            return Some(start + part.start..start + part.end);
        }
        // A block: every line of the value is the end of a line of the file.
        let header = source[..self.span.end].get(self.span.start..)?.find('\n').filter(|_| written.starts_with('|'));
        let mut line_start = self.span.start + header.map_or(0, |newline| newline + 1);
        if header.is_none() {
            line_start = source[..self.span.start].rfind('\n').map_or(0, |newline| newline + 1);
        }
        let (mut value_start, mut start) = (0, None);
        for line in value.split_inclusive('\n') {
            let in_file = source.get(line_start..)?.split_inclusive('\n').next()?;
            let (body, file_body) = (line.trim_end_matches(['\n', '\r']), in_file.trim_end_matches(['\n', '\r']));
            let indent = file_body.strip_suffix(body)?.len();
            let place = |offset: usize| line_start + indent + (offset - value_start).min(body.len());
            if start.is_none() && part.start < value_start + line.len() {
                start = Some(place(part.start));
            }
            if let Some(start) = start.filter(|_| part.end <= value_start + line.len()) {
                return Some(start..place(part.end).max(start));
            }
            value_start += line.len();
            line_start += in_file.len();
        }
        None
    }

    /// What stands at a dotted path such as `spec.functions.0.path`.
    pub(super) fn at(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(self, |node, step| match &node.value {
            Value::Map(_) => node.entry(step).map(|(_, value)| value.as_ref()),
            Value::List(items) => step.parse().ok().and_then(|position: usize| items.get(position)).map(AsRef::as_ref),
            Value::Scalar { .. } => None,
        })
    }

    /// The place of a dotted path such as `spec.functions.0.path`: the deepest part of it that is there.
    pub(super) fn locate(&self, path: &str, source: &str) -> Range<usize> {
        let mut found = (self, None);
        for step in path.split('.') {
            let next = match &found.0.value {
                Value::Map(_) => found.0.entry(step).map(|(key, value)| (value.as_ref(), Some(key))),
                Value::List(items) => step.parse().ok().and_then(|n: usize| items.get(n)).map(|item| (item.as_ref(), None)),
                Value::Scalar { .. } => None,
            };
            let Some(next) = next else { break };
            found = next;
        }
        let (node, key) = found;
        match (&node.value, key) {
            (Value::Scalar { .. }, _) | (_, None) => node.label(source),
            (_, Some(key)) => key.label(source),
        }
    }
}

/// Parses one document. Errors are findings, the first that makes the rest unreadable.
pub(super) fn parse(source: &SourceText) -> Result<Option<Node>, Box<Finding>> {
    let offsets = Offsets::new(&source.text);
    let mut builder = Builder { source, offsets, stack: Vec::new(), anchors: HashMap::new(), expanded: 0, root: None };
    let mut documents = 0;
    for event in Parser::new_from_str(&source.text) {
        let (event, span) = event.map_err(|error| builder.syntax(&error))?;
        let span = builder.offsets.range(&span);
        if let Event::DocumentStart(_) = event {
            documents += 1;
            if documents > 1 {
                return Err(builder.refuse(span, "a manifest is one document; this is the start of a second one"));
            }
        }
        builder.take(event, span)?;
    }
    Ok(builder.root.and_then(Arc::into_inner))
}

struct Builder<'a> {
    source: &'a SourceText,
    offsets: Offsets<'a>,
    stack: Vec<Open>,
    anchors: HashMap<usize, Arc<Node>>,
    /// Bytes that aliases have added so far.
    expanded: usize,
    root: Option<Arc<Node>>,
}

/// A list or mapping whose end has not come yet.
struct Open {
    children: Vec<Arc<Node>>,
    is_map: bool,
    start: usize,
    anchor: usize,
}

impl Builder<'_> {
    fn refuse(&self, span: Range<usize>, message: &str) -> Box<Finding> {
        Box::new(Finding::at(Rule::YamlFeature, self.source, span, message))
    }

    fn syntax(&self, error: &saphyr_parser::ScanError) -> Box<Finding> {
        Box::new(yaml_error::finding(self.source, error.info(), self.offsets.byte(error.marker().index())))
    }

    fn take(&mut self, event: Event<'_>, span: Range<usize>) -> Result<(), Box<Finding>> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.no_tag(tag.is_some(), &span)?;
                let value = Value::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain };
                let weight = span.len();
                self.place(Node { value, span, weight }, anchor);
                Ok(())
            }
            Event::SequenceStart(anchor, tag) => {
                self.no_tag(tag.is_some(), &span)?;
                self.open(false, &span, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                self.no_tag(tag.is_some(), &span)?;
                self.open(true, &span, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(&span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => Ok(()),
        }
    }

    fn no_tag(&self, tagged: bool, span: &Range<usize>) -> Result<(), Box<Finding>> {
        if tagged { Err(self.refuse(span.clone(), "a manifest has no tags (`!…`): write the value alone")) } else { Ok(()) }
    }

    fn open(&mut self, is_map: bool, span: &Range<usize>, anchor: usize) -> Result<(), Box<Finding>> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(self.refuse(span.clone(), &format!("nested deeper than {MAX_DEPTH} levels")));
        }
        self.stack.push(Open { children: Vec::new(), is_map, start: span.start, anchor });
        Ok(())
    }

    fn close(&mut self, span: &Range<usize>) -> Result<(), Box<Finding>> {
        let Some(open) = self.stack.pop() else { return Ok(()) };
        let weight = open.children.iter().map(|child| child.weight).fold(2, usize::saturating_add);
        let value = if open.is_map {
            let mut entries: Vec<(Arc<Node>, Arc<Node>)> = Vec::with_capacity(open.children.len() / 2);
            let mut children = open.children.into_iter();
            while let (Some(key), Some(value)) = (children.next(), children.next()) {
                if key.text() == Some("<<") {
                    return Err(self.refuse(key.span.clone(), "a manifest has no merge keys (`<<`): write the keys out"));
                }
                entries.push((key, value));
            }
            Value::Map(entries)
        } else {
            Value::List(open.children)
        };
        self.place(Node { value, span: open.start..span.end.max(open.start), weight }, open.anchor);
        Ok(())
    }

    fn alias(&mut self, anchor: usize, span: Range<usize>) -> Result<(), Box<Finding>> {
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            return Err(self.refuse(span, "this alias stands inside what it stands for"));
        };
        self.expanded = self.expanded.saturating_add(node.weight);
        if self.expanded > self.source.text.len() {
            return Err(self.refuse(span, "the aliases up to here stand for more text than the manifest has"));
        }
        self.attach(node);
        Ok(())
    }

    fn place(&mut self, node: Node, anchor: usize) {
        let node = Arc::new(node);
        if anchor > 0 {
            self.anchors.insert(anchor, Arc::clone(&node));
        }
        self.attach(node);
    }

    fn attach(&mut self, node: Arc<Node>) {
        match self.stack.last_mut() {
            Some(open) => open.children.push(node),
            None => self.root = Some(node),
        }
    }
}

/// The parser counts characters; the rest of the world counts bytes.
struct Offsets<'a> {
    text: &'a str,
    /// Byte offset of every 64th character; empty for ASCII.
    marks: Vec<usize>,
}

const STRIDE: usize = 64;

impl<'a> Offsets<'a> {
    fn new(text: &'a str) -> Self {
        let marks = if text.is_ascii() { Vec::new() } else { text.char_indices().step_by(STRIDE).map(|(at, _)| at).collect() };
        Self { text, marks }
    }

    fn byte(&self, character: usize) -> usize {
        if self.marks.is_empty() {
            return character.min(self.text.len());
        }
        let Some(start) = self.marks.get(character / STRIDE) else { return self.text.len() };
        let rest = self.text[*start..].char_indices().nth(character % STRIDE);
        rest.map_or(self.text.len(), |(at, _)| start + at)
    }

    fn range(&self, span: &Span) -> Range<usize> {
        let start = self.byte(span.start.index());
        start..self.byte(span.end.index()).max(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::TreePath;

    fn source(text: &str) -> SourceText {
        SourceText { path: TreePath::root().child("zerverless.yaml"), text: text.into() }
    }

    fn refused(text: &str) -> String {
        parse(&source(text)).expect_err("a finding").message
    }

    #[test]
    fn every_part_knows_its_bytes() {
        let text = "é: 1\nspec:\n  functions:\n    - path: /a\n      code: |\n        x\n        y\n";
        let node = parse(&source(text)).expect("YAML").expect("a node");
        let at = |path: &str| &text[node.locate(path, text)];
        assert_eq!(at("spec.functions.0.path"), "/a");
        assert_eq!(at("spec.functions.0.missing"), "path");
        assert_eq!(at("spec.functions"), "functions");
        assert_eq!(at("nowhere"), "é");
    }

    #[test]
    fn a_part_of_a_block_is_found_in_the_file() {
        for text in [
            "code: |\n  one\n\n    two é three\n  four\n",
            "a: é\ncode: |-\n  one\n\n    two é three\n  four\nb: 1\n",
            "code: |2+\r\n  one\r\n\r\n    two é three\r\n  four\r\n\r\n",
            "code: 'x two é three'",
            "code: x two é three",
        ] {
            let root = parse(&source(text)).expect("YAML").expect("a node");
            let node = root.at("code").expect("code");
            let value = node.text().expect("a text");
            for word in ["two", "three", "é three"] {
                let at = value.find(word).expect(word);
                let inside = node.inside(&(at..at + word.len()), text).expect(text);
                assert_eq!(&text[inside], word, "{text}");
            }
        }
        let root = parse(&source("code: \"a\\tb\"")).expect("YAML").expect("a node");
        assert_eq!(root.at("code").expect("code").inside(&(0..1), "code: \"a\\tb\""), None);
    }

    #[test]
    fn what_yaml_can_do_and_a_manifest_may_not() {
        assert!(refused("a: !x 1").contains("no tags"));
        assert!(refused("x: &x {a: 1}\ny: {<<: *x}").contains("merge keys"));
        assert!(refused("a: 1\n---\nb: 2").contains("one document"));
        assert!(refused("a: &a [*a]").contains("inside what it stands for") || refused("a: &a [*a]").contains("alias"));
        assert_eq!(refused(&format!("{}x{}", "[".repeat(40), "]".repeat(40))), "nested deeper than 32 levels");
        assert!(refused(&"[".repeat(100_000)).contains("recursion limit"), "the parser's own limit, met first");
    }

    #[test]
    fn aliases_are_weighed_and_never_expanded() {
        let level = |n: usize| format!("a{n}: &a{n} [*a{p}, *a{p}, *a{p}]\n", p = n - 1);
        let bomb = format!("a0: &a0 [xxxxxxxxxx]\n{}", (1..40).map(level).collect::<String>());
        assert!(refused(&bomb).contains("stand for more text"));
        let huge = format!("a: &a {}\nb: [{}]", "x".repeat(500_000), "*a,".repeat(1000));
        assert!(refused(&huge).contains("stand for more text"));
        assert!(parse(&source("code: &c function handle() end\nagain: *c")).is_ok());
    }

    #[test]
    fn a_tab_is_called_by_its_name() {
        let finding = parse(&source("a:\n\tb: 1")).expect_err("a finding");
        assert!(finding.help.is_some_and(|help| help.contains("tabs")), "{}", finding.message);
    }
}
