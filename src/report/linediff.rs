//! The lines of a function that change.

use similar::{ChangeTag, TextDiff};

use crate::key::printable;
use crate::plan::CodeChange;

/// Lines of context around a change.
const CONTEXT: usize = 2;

/// One line of a diff.
pub(super) struct Line {
    /// `+`, `-` or a space; `…` between parts.
    pub(super) mark: char,
    /// The line, safe to print.
    pub(super) text: String,
}

/// The changed lines with a little around them, at most `most`.
pub(super) fn lines(code: &CodeChange, most: usize) -> Vec<Line> {
    let (Some(before), Some(after)) = (&code.before, &code.after) else { return Vec::new() };
    let diff = TextDiff::from_lines(before, after);
    let mut lines = Vec::new();
    for (position, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if position > 0 {
            lines.push(Line { mark: '…', text: String::new() });
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let mark = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            let text = change.value().trim_end_matches(['\n', '\r']);
            lines.push(Line { mark, text: printable(&text.replace('\t', "    ")).into_owned() });
        }
    }
    if lines.len() > most {
        let more = lines.len() - most;
        lines.truncate(most);
        lines.push(Line { mark: '…', text: format!("{more} more lines") });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_is_shown() {
        let before = (0..40).map(|n| format!("line {n}\n")).collect::<String>();
        let code = CodeChange { after: Some(before.replace("line 20\n", "new 20\u{1b}\n")), before: Some(before) };
        let shown: String = lines(&code, 100).iter().map(|line| format!("{}{}\n", line.mark, line.text)).collect();
        assert_eq!(shown, " line 18\n line 19\n-line 20\n+new 20\\u{1b}\n line 21\n line 22\n");
        assert_eq!(lines(&code, 2).len(), 3);
    }
}
