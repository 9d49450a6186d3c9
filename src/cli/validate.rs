//! `validate`: everything that can be known without an orchestrator.

use std::process::ExitCode;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::args::ValidateArgs;
use super::copies::Subject;
use super::runs::{named, open};
use super::settings::Output;
use super::{changed, fail, finish_all};
use crate::error::{Class, Error, gravest};
use crate::manifest::{Finding, has_errors};
use crate::pipeline::{self, Checked, Depth};
use crate::report::{self, Check};
use crate::source::{Source, SourceError};

/// Checks every source.
pub(super) fn run(args: &ValidateArgs, output: &Output) -> ExitCode {
    let strict = args.sources.strict;
    let copies = match args.copies.open(output.format, Subject::Findings) {
        Ok(copies) => copies,
        Err(error) => return fail(&error, output),
    };
    let git = args.sources.git.options(&args.sources.file, Arc::new(output.terminal()), CancellationToken::new());
    let git = match git {
        Ok(git) => git,
        Err(error) => return fail(&error, output),
    };
    let checks = match &args.changed_since {
        Some(reference) => changed::check(open(&args.sources, &git), reference, &git, strict),
        None => check_together(open(&args.sources, &git), strict),
    };
    for error in checks.iter().filter_map(|check| check.error.as_ref()) {
        output.printer.say(&report::failure(error, &[], strict, &output.printer));
    }
    let render = |format| report::check(&checks, format, strict, output.detail, &output.printer);
    let invalid = checks.iter().any(|check| has_errors(&check.findings, strict)).then_some(Class::Manifest);
    let failed = gravest(checks.iter().filter_map(|check| check.error.as_ref())).map(Error::class);
    finish_all(render, copies, failed.or(invalid), output)
}

/// Each manifest, and what is wrong between those that are valid alone.
pub(super) fn check_together(sources: Vec<Result<Source, SourceError>>, strict: bool) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut valid = Vec::new();
    for source in sources {
        let (check, checked) = judge(source, strict);
        valid.extend(checked.map(|checked| (checks.len(), checked)));
        checks.push(check);
    }
    judge_together(&valid, &mut checks, strict);
    // The process is about to end, and freeing what it knows of ten thousand files takes its time.
    std::mem::forget(valid);
    checks
}

fn judge_together(valid: &[(usize, Checked)], checks: &mut [Check], strict: bool) {
    let named: Vec<(&Checked, String)> = valid.iter().map(|(position, checked)| (checked, checks[*position].manifest.clone())).collect();
    let named: Vec<(&Checked, &str)> = named.iter().map(|(checked, name)| (*checked, name.as_str())).collect();
    for (position, finding) in pipeline::across(&named) {
        let check = &mut checks[valid[position].0];
        check.files.push(check.manifest.clone());
        check.findings.push(finding);
        check.counts = check.counts.filter(|_| !has_errors(&check.findings, strict));
    }
}

/// Checks one manifest. What it declares is given when it is valid.
pub(super) fn judge(source: Result<Source, SourceError>, strict: bool) -> (Check, Option<Checked>) {
    let source = match source {
        Ok(source) => source,
        Err(error) => {
            let error = Some(error.into());
            return (Check { manifest: String::new(), files: Vec::new(), findings: Vec::new(), counts: None, older: 0, error }, None);
        }
    };
    let (findings, checked) = match pipeline::check(&source, None, strict, Depth::SmallFiles) {
        Ok(mut checked) => (std::mem::take(&mut checked.findings), Some(checked)),
        Err(findings) => (findings, None),
    };
    let counts = checked.as_ref().map(|checked| checked.contents.counts());
    let files = findings.iter().map(|finding: &Finding| named(Some(&source), finding)).collect();
    (Check { manifest: source.display(&source.manifest), files, findings, counts, older: 0, error: None }, checked)
}
