//! Findings: what is wrong with a manifest or with what it names, and where.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

use crate::files::TreePath;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is sent.
    Error,
    /// It is said, and the run goes on; `--strict` makes it an error.
    Warning,
}

/// The rules, each with a code that never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The manifest is missing or cannot be read.
    ManifestUnreadable,
    /// The text is not UTF-8, or holds characters a text should not.
    NotText,
    /// Not YAML.
    Syntax,
    /// YAML that a manifest may not use: tags, merge keys, several documents, aliases that blow up, deep nesting.
    YamlFeature,
    /// A key that no manifest has.
    UnknownKey,
    /// A key that every manifest has.
    MissingKey,
    /// A list where a text belongs, and the like; null included.
    WrongType,
    /// The same key twice in one mapping.
    DuplicateKey,
    /// `apiVersion` or `kind` is another.
    WrongKind,
    /// `metadata.name` or `metadata.namespace`.
    BadName,
    /// A function's `path`.
    BadFunctionPath,
    /// Two functions of one path.
    DuplicateFunction,
    /// A runtime the orchestrator does not know.
    UnknownRuntime,
    /// Not exactly one of `code` and `codeFile`, or keys of another runtime.
    FunctionContent,
    /// A `port` that is not a port.
    BadPort,
    /// A path that is absolute or leads out of the repository.
    BadPath,
    /// Something the manifest names is missing or cannot be used.
    MissingFile,
    /// Code that the orchestrator could not keep as it is.
    BadCode,
    /// A file name that the orchestrator cannot store or list back.
    BadFileName,
    /// Git ignores the whole directory.
    IgnoredDirectory,
    /// An `exclude` that is no gitignore pattern.
    BadPattern,
    /// An `image`, `target` or `platform` that Docker would not take.
    BadImage,
    /// A build context that cannot be sent, or that has not what the manifest names.
    BadContext,
    /// Two Docker functions for which the server has one name.
    SharedContainer,
    /// A build argument that looks like a secret, which every image keeps.
    SecretArgument,
    /// Code that starts with a byte order mark.
    ByteOrderMark,
    /// Lua with a `return` at the end of the file.
    LuaReturn,
    /// A runtime that this server stores and never runs.
    NotInvocable,
    /// Names that some file systems take for one.
    TwinNames,
    /// `spec.source` differs from where the files came from.
    OtherSource,
    /// A Dockerfile that exposes no single port.
    UnclearPort,
}

/// More findings in one manifest are counted, not shown: nobody reads them, and each costs a look at the whole text.
pub(super) const MOST_FINDINGS: usize = 100;

/// Code, severity.
const RULES: [(Rule, &str, Severity); 31] = [
    (Rule::ManifestUnreadable, "ZG001", Severity::Error),
    (Rule::NotText, "ZG002", Severity::Error),
    (Rule::Syntax, "ZG003", Severity::Error),
    (Rule::YamlFeature, "ZG004", Severity::Error),
    (Rule::UnknownKey, "ZG005", Severity::Error),
    (Rule::MissingKey, "ZG006", Severity::Error),
    (Rule::WrongType, "ZG007", Severity::Error),
    (Rule::DuplicateKey, "ZG008", Severity::Error),
    (Rule::WrongKind, "ZG009", Severity::Error),
    (Rule::BadName, "ZG010", Severity::Error),
    (Rule::BadFunctionPath, "ZG011", Severity::Error),
    (Rule::DuplicateFunction, "ZG012", Severity::Error),
    (Rule::UnknownRuntime, "ZG013", Severity::Error),
    (Rule::FunctionContent, "ZG014", Severity::Error),
    (Rule::BadPort, "ZG015", Severity::Error),
    (Rule::BadPath, "ZG016", Severity::Error),
    (Rule::MissingFile, "ZG017", Severity::Error),
    (Rule::BadCode, "ZG018", Severity::Error),
    (Rule::BadFileName, "ZG019", Severity::Error),
    (Rule::IgnoredDirectory, "ZG020", Severity::Error),
    (Rule::BadPattern, "ZG021", Severity::Error),
    (Rule::BadImage, "ZG030", Severity::Error),
    (Rule::BadContext, "ZG031", Severity::Error),
    (Rule::SharedContainer, "ZG032", Severity::Error),
    (Rule::SecretArgument, "ZG033", Severity::Error),
    (Rule::ByteOrderMark, "ZG101", Severity::Warning),
    (Rule::LuaReturn, "ZG102", Severity::Warning),
    (Rule::NotInvocable, "ZG103", Severity::Warning),
    (Rule::TwinNames, "ZG104", Severity::Warning),
    (Rule::OtherSource, "ZG105", Severity::Warning),
    (Rule::UnclearPort, "ZG130", Severity::Warning),
];

impl Rule {
    fn entry(self) -> (Rule, &'static str, Severity) {
        RULES[self as usize]
    }

    /// The stable code, `ZG0xx` for errors and `ZG1xx` for warnings.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.entry().1
    }

    /// Error or warning.
    #[must_use]
    pub fn severity(self) -> Severity {
        self.entry().2
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

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
    /// Bytes of the same text that may be a secret, and must not be shown.
    pub secret: Option<Range<usize>>,
}

impl Finding {
    /// About a whole file.
    #[must_use]
    pub fn of_file(rule: Rule, file: &TreePath, message: impl Into<String>) -> Self {
        Self { rule, message: message.into(), help: None, file: file.clone(), span: None, secret: None }
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

    /// Names bytes that may be a secret.
    #[must_use]
    pub fn hide(mut self, secret: Range<usize>) -> Self {
        self.secret = Some(secret);
        self
    }

    /// Where it starts in its file: the order findings are shown in.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.span.as_ref().map_or(0, |(_, span)| span.start)
    }
}

/// Whether any of `findings` stops a run.
#[must_use]
pub fn has_errors(findings: &[Finding], strict: bool) -> bool {
    findings.iter().any(|finding| strict || finding.rule.severity() == Severity::Error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_stands_at_its_own_place_in_the_table_with_a_code_of_its_own() {
        let mut codes = std::collections::BTreeSet::new();
        for (position, (rule, code, severity)) in RULES.iter().enumerate() {
            assert_eq!(*rule as usize, position, "{code}");
            assert!(codes.insert(code), "{code} twice");
            assert_eq!(code.starts_with("ZG1"), *severity == Severity::Warning, "{code}");
        }
    }

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let source = SourceText { path: TreePath::root(), text: "aé\nb".into() };
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position(3), (1, 3));
        assert_eq!(source.position(4), (2, 1));
        assert_eq!(source.position(99), (2, 2));
    }
}
