//! `schema`: what an editor needs to complete and check a manifest.

use std::process::ExitCode;

use super::finish;
use super::settings::Output;
use crate::report;

pub(super) const EXAMPLES: &str = "Examples:\n  zerverless-gitops schema > zerverless.schema.json\n\nIn the first line of a manifest, `# yaml-language-server: \
                                   $schema=zerverless.schema.json` makes editors use it.";

/// Prints the JSON Schema of a manifest.
pub(super) fn run(output: &Output) -> ExitCode {
    finish(&report::schema(), None, &output.printer)
}
