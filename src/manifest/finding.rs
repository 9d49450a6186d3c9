//! Findings: what is wrong with a manifest or with what it names, and where.

use std::ops::Range;
use std::sync::Arc;

use super::rule::{Rule, Severity};
use crate::files::TreePath;

/// More findings in one manifest are counted, not shown: nobody reads them, and each costs a look at the whole text.
pub(super) const MOST_FINDINGS: usize = 100;

/// A text file that findings point into. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// Where it lies in the tree.
    pub path: TreePath,
    /// Its whole text.
    pub text: Arc<str>,
}

impl SourceText {
    /// Line and column of a byte offset.
    #[must_use]
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// One thing that is wrong, or looks wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// What happened; one line, safe to print.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The file it is in.
    pub file: TreePath,
    /// Its text and the bytes meant; none when the file as a whole is meant.
    pub span: Option<(SourceText, Range<usize>)>,
    /// Other bytes of the same text that belong to it, each with what they are.
    pub related: Vec<(Range<usize>, &'static str)>,
    /// Bytes of the same text that may be a secret, and must not be shown.
    pub secret: Option<Range<usize>>,
}

impl Finding {
    /// About a whole file.
    #[must_use]
    pub fn of_file(rule: Rule, file: &TreePath, message: impl Into<String>) -> Self {
        Self { rule, message: message.into(), help: None, file: file.clone(), span: None, related: Vec::new(), secret: None }
    }

    /// About part of a text.
    #[must_use]
    pub fn at(rule: Rule, source: &SourceText, span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span: Some((source.clone(), span)), ..Self::of_file(rule, &source.path, message) }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another place of the same text, and what it is.
    #[must_use]
    pub fn beside(mut self, place: Range<usize>, what: &'static str) -> Self {
        self.related.push((place, what));
        self
    }

    /// Names bytes that may be a secret.
    #[must_use]
    pub fn hide(mut self, secret: Range<usize>) -> Self {
        self.secret = Some(secret);
        self
    }

    /// How bad it is; `strict` makes an error of a warning.
    #[must_use]
    pub fn severity(&self, strict: bool) -> Severity {
        match self.rule.severity() {
            Severity::Warning if strict => Severity::Error,
            severity => severity,
        }
    }

    /// Line and column where it starts, and where it ends (exclusive); none when the file as a whole is meant.
    #[must_use]
    pub fn place(&self) -> Option<((usize, usize), (usize, usize))> {
        self.span.as_ref().map(|(source, span)| (source.position(span.start), source.position(span.end)))
    }

    /// Where it starts in its file.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.span.as_ref().map_or(0, |(_, span)| span.start)
    }
}

/// Brings findings into the order they are shown in: those of the manifest first, then file by file, each from top to bottom.
pub fn sort(findings: &mut [Finding], manifest: &TreePath) {
    findings.sort_by(|a, b| (a.file != *manifest, &a.file, a.offset()).cmp(&(b.file != *manifest, &b.file, b.offset())));
}

/// Whether any of `findings` stops a run.
#[must_use]
pub fn has_errors(findings: &[Finding], strict: bool) -> bool {
    findings.iter().any(|finding| finding.severity(strict) == Severity::Error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let source = SourceText { path: TreePath::root(), text: "aé\nb".into() };
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position(3), (1, 3));
        assert_eq!(source.position(4), (2, 1));
        assert_eq!(source.position(99), (2, 2));
    }
}
