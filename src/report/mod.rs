//! What people and machines read: renderers of runs, findings and events. Nothing else in the program prints.
//!
//! The result goes to stdout, everything said along the way to stderr. Names and texts that came from outside go through
//! [`crate::key::printable`] before a terminal sees them; contents and credentials are never shown.

mod applications;
mod changes;
mod diagnostics;
mod github;
mod human;
mod initiated;
mod json;
mod junit;
mod linediff;
mod log;
mod markdown;
mod pass;
mod printer;
mod progress;
mod question;
mod records;
mod records_json;
mod rules;
mod sarif;
mod tally;
mod words;

use std::path::Path;

use crate::error::Error;
use crate::key::AppId;
use crate::manifest::{Finding, Rule};
use crate::pipeline::{Exported, Recorded, Released, Repaired, Resumed, Run, Status};
use crate::plan::Plan;
use crate::record::Holder;

pub use initiated::Initiated;
pub use log::{Level, Log, LogForm};
pub use pass::PassView;
pub use printer::{Printer, Shade};
pub use progress::Terminal;

/// In which form the result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Human,
    /// For programs: one object.
    Json,
    /// For a comment on a pull request.
    Markdown,
    /// For code scanning: SARIF 2.1.0. Findings only.
    Sarif,
    /// For the log of a GitHub workflow: annotations.
    Github,
    /// For the test report of a CI server. Findings only.
    Junit,
}

impl Format {
    /// The word for it on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Junit => "junit",
        }
    }

    /// Whether it can tell what a run would change or has changed, and not only findings.
    #[must_use]
    pub fn tells_changes(self) -> bool {
        !matches!(self, Self::Sarif | Self::Junit)
    }
}

/// How much is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Detail {
    /// `-v`: every item, also those of others.
    pub verbose: bool,
    /// `-q`: only what is wrong.
    pub quiet: bool,
    /// `--show-code`: code in Markdown.
    pub show_code: bool,
}

/// Which verb a run belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Says what would be done.
    Diff,
    /// Says what was done.
    Sync,
    /// Says what was removed.
    Destroy,
}

/// What a check found in one manifest.
#[derive(Debug)]
pub struct Check {
    /// What people call the manifest.
    pub manifest: String,
    /// Where the source lies, to name files.
    pub files: Vec<Shown>,
    /// Findings, in the order of the file.
    pub findings: Vec<Finding>,
    /// How many functions and static files were checked; none when the manifest could not be read so far.
    pub counts: Option<(usize, usize)>,
    /// How many findings are not told because they are older than the change that was asked about.
    pub older: usize,
    /// Why nothing could be checked at all.
    pub error: Option<Error>,
}

impl Check {
    /// Each finding with the name of its file.
    fn named(&self) -> impl Iterator<Item = (&Finding, &str)> {
        self.findings.iter().zip(self.files.iter().map(String::as_str))
    }
}

fn paired<'a>(findings: &'a [Finding], names: &'a [Shown]) -> Vec<(&'a Finding, &'a str)> {
    findings.iter().zip(names.iter().map(String::as_str)).collect()
}

/// How the file of a finding is called for people; one for each finding.
pub type Shown = String;

/// Renders the result of a check.
#[must_use]
pub fn check(checks: &[Check], format: Format, strict: bool, detail: Detail, printer: &Printer) -> String {
    match format {
        Format::Human => human::check(checks, strict, detail, printer),
        Format::Json => json::check(checks, strict),
        Format::Markdown => markdown::check(checks, strict),
        Format::Sarif => sarif::check(checks, strict),
        Format::Github => github::check(checks, strict),
        Format::Junit => junit::check(checks, strict),
    }
}

/// Renders the result of runs; none in a form that only tells findings.
#[must_use]
pub fn runs(runs: &[Run], verb: Verb, format: Format, detail: Detail, printer: &Printer) -> String {
    match format {
        Format::Human => human::runs(runs, verb, detail, printer),
        Format::Json => json::runs(runs, verb),
        Format::Markdown => markdown::runs(runs, verb, detail),
        Format::Github => github::runs(runs, verb),
        Format::Sarif | Format::Junit => String::new(),
    }
}

/// Renders one look of a watch; `is_news`: it does not fail as the one before.
#[must_use]
pub fn pass(view: &PassView<'_>, is_news: bool, format: Format, detail: Detail, printer: &Printer) -> String {
    pass::pass(view, is_news, format, detail, printer)
}

/// Renders applications of a watch process, each as its API tells of it.
#[must_use]
pub fn applications(applications: &[serde_json::Value], format: Format, printer: &Printer) -> String {
    applications::list(applications, format, printer)
}

/// Renders what was done with the database of a watch process, and what it holds.
#[must_use]
pub fn database(done: &str, path: &Path, applications: u64, runs: u64, format: Format) -> String {
    let shown = crate::key::printable(&path.to_string_lossy()).into_owned();
    let human = || format!("{done} {shown}: {}, {}\n", words::count(applications, "application"), words::count(runs, "run"));
    let value = serde_json::json!({"format_version": "1.0", "file": shown, "applications": applications, "runs": runs});
    in_form(format, human, || json::line(&value))
}

/// Renders one application of a watch process.
#[must_use]
pub fn application(application: &serde_json::Value, format: Format, printer: &Printer) -> String {
    applications::one(application, format, printer)
}

/// What a run changed, or would change, in one line.
#[must_use]
pub fn counts(run: &Run, done: bool) -> String {
    changes::sentence(&changes::summary(run), done)
}

/// Renders which images were removed, or would be: names and sizes in bytes.
#[must_use]
pub fn images(removed: &[(String, u64)], dry_run: bool, format: Format) -> String {
    match format {
        Format::Json => json::images(removed, dry_run),
        Format::Human | Format::Markdown | Format::Github | Format::Sarif | Format::Junit => human::images(removed, dry_run),
    }
}

/// Renders why a run failed, for stderr; `names` gives the names of the files of its findings.
#[must_use]
pub fn failure(error: &Error, names: &[Shown], strict: bool, printer: &Printer) -> String {
    human::failure(error, names, strict, printer)
}

/// Renders the warnings of a run, for stderr.
#[must_use]
pub fn findings(findings: &[Finding], names: &[Shown], printer: &Printer) -> String {
    diagnostics::render(&paired(findings, names), false, printer)
}

/// What is asked before a plan is carried out that deletes something.
#[must_use]
pub fn question(plan: &Plan, printer: &Printer) -> Option<String> {
    question::question(plan, printer)
}

/// Renders an application beside what is live.
#[must_use]
pub fn status(status: &Status, format: Format, detail: Detail, printer: &Printer) -> String {
    in_form(format, || records::status(status, detail, printer), || records_json::status(status))
}

/// Renders the runs of an application.
#[must_use]
pub fn history(recorded: &Recorded, format: Format, printer: &Printer) -> String {
    in_form(format, || records::history(recorded, printer), || records_json::history(recorded))
}

/// Renders all applications; `nameless` are keys of records that do not say whose they are.
#[must_use]
pub fn list(applications: &[Recorded], nameless: &[String], format: Format, printer: &Printer) -> String {
    in_form(format, || records::list(applications, nameless, printer), || records_json::list(applications, nameless))
}

/// Renders that an application was released.
#[must_use]
pub fn released(released: &Released, format: Format, printer: &Printer) -> String {
    in_form(format, || records::released(released, printer), || records_json::released(released))
}

/// Renders that an application can be synced again.
#[must_use]
pub fn resumed(resumed: &Resumed, format: Format, printer: &Printer) -> String {
    in_form(format, || records::resumed(resumed, printer), || records_json::resumed(resumed))
}

/// Renders what a repair did.
#[must_use]
pub fn repaired(repaired: &Repaired, format: Format, printer: &Printer) -> String {
    in_form(format, || records::repaired(repaired, printer), || records_json::repaired(repaired))
}

/// Renders whose runs were declared dead.
#[must_use]
pub fn unlocked(app: &AppId, holders: &[Holder], format: Format, printer: &Printer) -> String {
    in_form(format, || records::unlocked(app, holders, printer), || records_json::unlocked(app, holders))
}

/// Renders what was exported.
#[must_use]
pub fn exported(exported: &Exported, format: Format, printer: &Printer) -> String {
    in_form(format, || records::exported(exported, printer), || records_json::exported(exported))
}

/// A short text stands in Markdown as it is, in a block.
fn in_form(format: Format, human: impl FnOnce() -> String, json: impl FnOnce() -> String) -> String {
    match format {
        Format::Json => json(),
        Format::Human | Format::Github | Format::Sarif | Format::Junit => human(),
        Format::Markdown => format!("```\n{}```\n", anstream::adapter::strip_str(&human()).to_string().replace("```", "'''")),
    }
}

/// A failure before any run began.
#[must_use]
pub fn early_failure(error: &Error, format: Format) -> Option<String> {
    (format == Format::Json).then(|| json::error_only(error))
}

/// The long text of one rule.
#[must_use]
pub fn rule(rule: Rule, printer: &Printer) -> String {
    rules::text(rule, printer)
}

/// All rules, one a line.
#[must_use]
pub fn rule_list(printer: &Printer) -> String {
    rules::list(printer)
}

/// All rules with their texts, as a page of the manual.
#[must_use]
pub fn rules_page() -> String {
    rules::page()
}

/// The JSON Schema of a manifest.
#[must_use]
pub fn schema() -> String {
    json::text(&crate::manifest::schema())
}

/// Renders what `init` wrote, and what a check of it found.
#[must_use]
pub fn initiated(initiated: &Initiated, format: Format, detail: Detail, printer: &Printer) -> String {
    in_form(format, || initiated::human(initiated, detail, printer), || initiated::json(initiated))
}

/// A line for where a file of generated text was written.
#[must_use]
pub fn written(path: &Path) -> String {
    format!("wrote {}", crate::key::printable(&path.to_string_lossy()))
}
