//! `validate`: everything that can be known without an orchestrator.

use std::process::ExitCode;

use super::args::ValidateArgs;
use super::runs::{named, open};
use super::settings::Output;
use super::{exit, finish};
use crate::error::{Class, Error};
use crate::manifest::Finding;
use crate::pipeline;
use crate::report::{self, Check};
use crate::source::{Source, SourceError};

/// Checks every source.
pub(super) fn run(args: &ValidateArgs, output: &Output) -> ExitCode {
    let strict = args.sources.strict;
    let (checks, classes): (Vec<Check>, Vec<Option<Class>>) = open(&args.sources).into_iter().map(|source| check(source, strict)).unzip();
    for error in checks.iter().filter_map(|check| check.error.as_ref()) {
        output.printer.say(&report::failure(error, &[], output.detail, &output.printer));
    }
    let text = report::check(&checks, output.format, strict, output.detail, &output.printer);
    finish(&text, exit::worst(classes.into_iter().flatten()), &output.printer)
}

fn check(source: Result<Source, SourceError>, strict: bool) -> (Check, Option<Class>) {
    let source = match source {
        Ok(source) => source,
        Err(error) => {
            let error = Error::Source(error);
            let class = error.class();
            let check = Check { manifest: String::new(), files: Vec::new(), findings: Vec::new(), counts: None, error: Some(error) };
            return (check, Some(class));
        }
    };
    let (findings, counts, class) = match pipeline::validate(&source, strict) {
        Ok(checked) => (checked.findings, Some(checked.contents.counts()), None),
        Err(findings) => (findings, None, Some(Class::Manifest)),
    };
    let files = findings.iter().map(|finding: &Finding| named(Some(&source), finding)).collect();
    (Check { manifest: source.display(&source.manifest), files, findings, counts, error: None }, class)
}
