//! Findings as a terminal shows them: the line, the place in it, what is wrong and what to do.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, NamedSource, Severity as Grade,
    SourceCode, SourceSpan, SpanContents,
};

use super::Printer;
use crate::files::TreePath;
use crate::key::printable;
use crate::manifest::{Finding, Severity, SourceText};

/// A finding's line and its neighbours are shown when they have at most so many bytes.
const LONGEST_SNIPPET: usize = 2000;

/// Renders findings, each with the name of its file.
pub(super) fn render(findings: &[(&Finding, &str)], strict: bool, printer: &Printer) -> String {
    let theme = if printer.is_coloured() { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(printer.width()).with_links(false).with_context_lines(1);
    // Findings of one text stand together; making it harmless once is enough.
    let mut harmless: Option<(Arc<str>, String)> = None;
    let mut out = String::new();
    for &(finding, name) in findings {
        let shown = finding.span.as_ref().filter(|(source, span)| fits(&source.text, span));
        let source = shown.map(|(source, _)| {
            let known = harmless.take().filter(|(text, _)| Arc::ptr_eq(text, &source.text));
            let fresh = || (Arc::clone(&source.text), shown_text(&source.text, &secrets_of(&source.path, findings)));
            let (_, shown) = harmless.insert(known.unwrap_or_else(fresh));
            NamedSource::new(name, Shown { text: shown.clone(), original: source.clone() })
        });
        let report = Report { finding, name, strict, source };
        // Writing to a string does not fail; a renderer that gives up must not hide the finding.
        if handler.render_report(&mut out, &report).is_err() {
            out.push_str(&report.to_string());
        }
        out.push('\n');
    }
    out
}

/// The bytes of `file` that any finding hides, in their order.
fn secrets_of(file: &TreePath, findings: &[(&Finding, &str)]) -> Vec<Range<usize>> {
    let of_file = findings.iter().filter(|(finding, _)| finding.file == *file);
    let mut secrets: Vec<Range<usize>> = of_file.filter_map(|(finding, _)| finding.secret.clone()).collect();
    secrets.sort_by_key(|secret| secret.start);
    secrets
}

/// Whether the lines around `span` can be shown: a line of a megabyte is nothing to look at, and a hundred findings may be in it.
fn fits(text: &str, span: &Range<usize>) -> bool {
    let before = text[..span.start].rmatch_indices('\n').nth(1).map_or(0, |(at, _)| at);
    let after = text[span.end..].match_indices('\n').nth(1).map_or(text.len(), |(at, _)| span.end + at);
    after - before <= LONGEST_SNIPPET
}

/// The text as it may be shown: bytes that may be secrets as stars, characters that a terminal would act on as harmless ones of the same
/// length, so that every place stays where it is. `secrets` are sorted by their start.
fn shown_text(text: &str, secrets: &[Range<usize>]) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut next, mut hidden_until) = (secrets.iter().peekable(), 0);
    for (at, c) in text.char_indices() {
        while let Some(secret) = next.next_if(|secret| secret.start <= at) {
            hidden_until = hidden_until.max(secret.end);
        }
        let harmless = matches!(c, '\n' | ' ') || printable(c.encode_utf8(&mut [0; 4])) == c.to_string();
        match c {
            '\n' => out.push('\n'),
            _ if at < hidden_until => (0..c.len_utf8()).for_each(|_| out.push('*')),
            _ if harmless => out.push(c),
            '\t' | '\r' => out.push(' '),
            _ => out.push(match c.len_utf8() {
                1 => '?',
                2 => '¿',
                3 => '\u{fffd}',
                _ => '\u{1f6c7}',
            }),
        }
    }
    out
}

#[derive(Debug)]
struct Report<'a> {
    finding: &'a Finding,
    name: &'a str,
    strict: bool,
    source: Option<NamedSource<Shown>>,
}

/// A text as it may be shown. Its columns are those of the original, in characters: bytes are what a string would count.
#[derive(Debug)]
struct Shown {
    text: String,
    original: SourceText,
}

impl SourceCode for Shown {
    fn read_span<'a>(&'a self, span: &SourceSpan, before: usize, after: usize) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self.text.read_span(span, before, after)?;
        let column = if before == 0 { self.original.position(span.offset()).1 - 1 } else { contents.column() };
        let (data, span, line, lines) = (contents.data(), *contents.span(), contents.line(), contents.line_count());
        Ok(Box::new(MietteSpanContents::new(data, span, line, column, lines)))
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = &self.finding.message;
        match (&self.source, &self.finding.span) {
            (Some(_), _) => f.write_str(message),
            (None, Some((source, span))) => {
                let (line, column) = source.position(span.start);
                write!(f, "{}:{line}:{column}: {message}", self.name)
            }
            (None, None) => write!(f, "{}: {message}", self.name),
        }
    }
}

impl std::error::Error for Report<'_> {}

impl Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.finding.rule))
    }

    fn severity(&self) -> Option<Grade> {
        Some(match self.finding.severity(self.strict) {
            Severity::Error => Grade::Error,
            Severity::Warning => Grade::Warning,
            Severity::Hint => Grade::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.finding.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (source, span) = self.finding.span.as_ref().filter(|_| self.source.is_some())?;
        let main = LabeledSpan::new_primary_with_span(Some("here".to_owned()), span.clone());
        let related = self
            .finding
            .related
            .iter()
            .filter(|(span, _)| fits(&source.text, span))
            .map(|(span, what)| LabeledSpan::new_with_span(Some((*what).to_owned()), span.clone()));
        Some(Box::new(std::iter::once(main).chain(related)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_has_the_length_of_what_is_there() {
        let text = "a: \u{1b}[31m\t\u{85}\u{202e}\r\nkey: s3cr3t";
        let start = text.find("s3cr3t").expect("there");
        let shown = shown_text(text, std::slice::from_ref(&(start..start + 6)));
        assert_eq!(shown.len(), text.len());
        assert_eq!(shown, "a: ?[31m ¿\u{fffd} \nkey: ******");
    }
}
