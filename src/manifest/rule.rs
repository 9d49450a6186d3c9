//! The rules that findings break, each with a code that never changes its meaning.
//!
//! Their long texts are in `rules.md`: `explain`, the man page and SARIF's metadata all come from it.

use std::fmt;

use serde::Serialize;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is sent.
    Error,
    /// It is said, and the run goes on; `--strict` makes it an error.
    Warning,
    /// Worth a look; never an error, and told by `validate` only.
    Hint,
}

impl Severity {
    /// The word for it, for people and programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Hint => "hint",
        }
    }
}

/// What a manifest or what it names can do wrong.
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
    /// Code that its language cannot read.
    CodeSyntax,
    /// A Dockerfile that Docker cannot read.
    DockerfileSyntax,
    /// Two manifests of one namespace and name.
    DuplicateApplication,
    /// Two applications that declare one item.
    DuplicateItem,
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
    /// Code without the function that the server calls.
    NoHandler,
    /// Code that no worker can receive.
    CodeTooLarge,
    /// Python's `from __future__`, which must be first and cannot be.
    FutureImport,
    /// A file that the server sends with a type that browsers do not take.
    SniffedType,
    /// A file that may not be uploaded in time.
    SlowUpload,
    /// A Dockerfile that exposes no single port.
    UnclearPort,
    /// A file of code beside others that nothing names.
    UnusedCode,
    /// Calls below one function's path that come to another.
    PathFallsThrough,
    /// A site without `index.html`.
    NoIndex,
}

/// Code, severity.
const RULES: [(Rule, &str, Severity); 43] = [
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
    (Rule::CodeSyntax, "ZG040", Severity::Error),
    (Rule::DockerfileSyntax, "ZG041", Severity::Error),
    (Rule::DuplicateApplication, "ZG050", Severity::Error),
    (Rule::DuplicateItem, "ZG051", Severity::Error),
    (Rule::ByteOrderMark, "ZG101", Severity::Warning),
    (Rule::LuaReturn, "ZG102", Severity::Warning),
    (Rule::NotInvocable, "ZG103", Severity::Warning),
    (Rule::TwinNames, "ZG104", Severity::Warning),
    (Rule::OtherSource, "ZG105", Severity::Warning),
    (Rule::NoHandler, "ZG110", Severity::Warning),
    (Rule::CodeTooLarge, "ZG111", Severity::Warning),
    (Rule::FutureImport, "ZG112", Severity::Warning),
    (Rule::SniffedType, "ZG113", Severity::Warning),
    (Rule::SlowUpload, "ZG114", Severity::Warning),
    (Rule::UnclearPort, "ZG130", Severity::Warning),
    (Rule::UnusedCode, "ZG201", Severity::Hint),
    (Rule::PathFallsThrough, "ZG202", Severity::Hint),
    (Rule::NoIndex, "ZG203", Severity::Hint),
];

/// For each rule a heading `## CODE Title` and what there is to say about it.
const TEXTS: &str = include_str!("rules.md");

impl Rule {
    /// Every rule, in the order of the codes.
    pub fn all() -> impl Iterator<Item = Self> {
        RULES.iter().map(|(rule, _, _)| *rule)
    }

    /// The rule of a code, in whatever case it was typed.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        RULES.iter().find(|(_, known, _)| known.eq_ignore_ascii_case(code)).map(|(rule, _, _)| *rule)
    }

    fn entry(self) -> (Rule, &'static str, Severity) {
        RULES[self as usize]
    }

    /// The stable code: `ZG0xx` for errors, `ZG1xx` for warnings, `ZG2xx` for hints.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.entry().1
    }

    /// Error, warning or hint.
    #[must_use]
    pub fn severity(self) -> Severity {
        self.entry().2
    }

    /// What is wrong, in a few words.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.text().0
    }

    /// Why it is wrong and what to do: paragraphs of Markdown, examples indented by four spaces.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        self.text().1
    }

    fn text(self) -> (&'static str, &'static str) {
        let sections = TEXTS.split("\n## ").filter_map(|section| section.split_once('\n'));
        let mut own = sections.filter_map(|(heading, text)| Some((heading.strip_prefix(self.code())?.trim(), text.trim_matches('\n'))));
        own.next().unwrap_or_default()
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_stands_at_its_own_place_in_the_table_with_a_code_of_its_own() {
        let codes: Vec<&str> = RULES.iter().map(|(_, code, _)| *code).collect();
        assert!(codes.is_sorted_by(|one, next| one < next), "{codes:?}");
        for (position, (rule, code, severity)) in RULES.iter().enumerate() {
            assert_eq!(*rule as usize, position, "{code}");
            let group = ["ZG0", "ZG1", "ZG2"].iter().position(|group| code.starts_with(group));
            assert_eq!(group, Some(*severity as usize), "{code}");
            assert_eq!(Rule::parse(&code.to_lowercase()), Some(*rule));
        }
    }

    #[test]
    fn every_rule_has_a_title_and_a_text_and_no_text_is_left_over() {
        for rule in Rule::all() {
            assert!((10..75).contains(&rule.title().len()), "{rule}: {:?}", rule.title());
            assert!(rule.explanation().len() > 90, "{rule}: {}", rule.explanation());
        }
        assert_eq!(TEXTS.matches("\n## ").count(), RULES.len());
    }
}
