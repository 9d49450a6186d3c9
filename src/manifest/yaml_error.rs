//! What is most likely wrong where the YAML parser gave up. It says what it expected, often lines behind the mistake.

use std::ops::Range;

use super::finding::{Finding, SourceText};
use super::rule::Rule;
use crate::key::printable;

const NO_TABS: &str = "indent with spaces; YAML does not take tabs";
const NO_COLON: &str = "this line lacks its `: `, or its indentation: the text below `code: |` is indented deeper than `code`";

/// Part of what the parser says, and what to do about it.
const HELP: [(&str, &str); 14] = [
    ("valid YAML whitespace", "put a space behind the `:`"),
    ("tab", NO_TABS),
    ("unknown anchor", "`*` starts an alias; put a text that starts with it in quotes: `\"*.map\"`"),
    ("expected '-' indicator", "indent the keys of an item as deep as its first key, which stands behind the `- `"),
    ("did not find expected key", "check the indentation: the keys of one mapping start in the same column"),
    ("mapping values are not allowed", "check the indentation, and put a text that has `: ` in it in quotes"),
    ("expected ',' or", "put a `,` here, or close the bracket that was opened before"),
    ("flow construct", "close the bracket that was opened before"),
    ("node content", "something is missing here, or a bracket is not closed"),
    ("escape character", "write a backslash twice, or put the text in single quotes"),
    ("trailing content", "the quotes end here: a `'` in a text in single quotes is written twice"),
    ("document start", "a manifest needs no line that starts with `%`: remove it"),
    ("quoted scalar", "close the quotes that were opened here"),
    ("unexpected character", "put a text that starts with this character in quotes"),
];

/// The finding for what the parser said at the byte `at`.
pub(super) fn finding(source: &SourceText, info: &str, at: usize) -> Finding {
    let text: &str = &source.text;
    // What is missed at the end is shown behind the last word, where it belongs.
    let at = at.min(text.trim_end().len());
    let at = if at == text.trim_end().len() { text[..at].char_indices().next_back().map_or(0, |(last, _)| last) } else { at };
    if info.contains("simple key") {
        let line = without_colon(text, at);
        let help = match text[line.clone()].split_once(':') {
            _ if ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| text[line.clone()].starts_with(mark)) => {
                "Git left the marks of a merge conflict: settle it".to_owned()
            }
            Some((key, value)) if !value.is_empty() && !value.starts_with([' ', '/']) => {
                format!("put a space behind the colon: `{}: {}`", printable(key), printable(&value.chars().take(40).collect::<String>()))
            }
            _ => NO_COLON.to_owned(),
        };
        return Finding::at(Rule::Syntax, source, line, "not valid YAML: this is no `key: value`").help(help);
    }
    let end = at + text[at..].chars().next().map_or(0, char::len_utf8);
    let finding = Finding::at(Rule::Syntax, source, at..end, format!("not valid YAML: {}", printable(info)));
    let help = HELP.iter().find(|(part, _)| info.contains(part)).map(|(_, help)| *help);
    match help {
        _ if indent(line_of(text, at)).contains('\t') => finding.help(NO_TABS),
        Some(_) if info.contains("expected key") && text[at..].starts_with("- ") => {
            finding.help("each item of a list starts with `- `: this one does, and what stands above it does not")
        }
        Some(help) => finding.help(help),
        None => finding,
    }
}

/// The words of the first line above `at`, or of its own, that is neither a key nor text of a block.
fn without_colon(text: &str, at: usize) -> Range<usize> {
    let is_key = |line: &Range<usize>| text[line.clone()].contains(": ") || text[line.clone()].ends_with(':');
    let lines = lines(text, at);
    let Some((last, before)) = lines.split_last() else { return at..at };
    let header = before.iter().rposition(is_key);
    // Text that is deeper than the key of its block belongs to it.
    let opens_block = |line: &&Range<usize>| text[(*line).clone()].trim_end_matches(['-', '+']).ends_with(['|', '>']);
    let block = header.map(|header| &before[header]).filter(opens_block).map(|line| column(text, line));
    let behind = before[header.map_or(0, |header| header + 1)..].iter().chain(Some(last).filter(|last| !is_key(last)));
    let is_text = |line: &Range<usize>| block.is_some_and(|block| column(text, line) > block);
    let mut others = behind.filter(|line| !is_text(line));
    others.next().unwrap_or(last).clone()
}

/// The words of each line down to the one that holds `at`, without blank lines and comments.
fn lines(text: &str, at: usize) -> Vec<Range<usize>> {
    let mut end = 0;
    let all = text.split_inclusive('\n').map(|line| {
        let start = end;
        end += line.len();
        start + indent(line).len()..(start + line.trim_end().len()).max(start)
    });
    all.take_while(|words| words.start <= at).filter(|words| !words.is_empty() && !text[words.clone()].starts_with('#')).collect()
}

/// How deep a line is indented; that of an item's first key is behind its `- `.
fn column(text: &str, words: &Range<usize>) -> usize {
    let start = text[..words.start].rfind('\n').map_or(0, |newline| newline + 1);
    let line = &text[words.clone()];
    words.start - start + (line.len() - line.trim_start_matches("- ").len())
}

fn line_of(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    text[start..].lines().next().unwrap_or_default()
}

fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn culprit(text: &str, at: &str) -> String {
        text[without_colon(text, text.find(at).expect("there"))].to_owned()
    }

    #[test]
    fn the_line_that_is_no_key_is_found_and_text_of_a_block_is_none() {
        assert_eq!(culprit("a: 1\nb 2\nc: 3\n", "c:"), "b 2");
        assert_eq!(culprit("a: 1\nb:2\nc: 3\n", "c:"), "b:2");
        assert_eq!(culprit("code: |\n  one\n  two\nthree\n", "three"), "three");
        assert_eq!(culprit("  code: |\n  one\n    two\n  three\n- x: 1\n", "- x"), "one");
        assert_eq!(culprit("x\n", "x"), "x");
    }
}
