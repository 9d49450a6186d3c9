//! `explain`: the long text of a rule.

use std::process::ExitCode;

use clap::Args;

use super::settings::Output;
use super::{fail, finish};
use crate::error::Error;
use crate::key::printable;
use crate::manifest::Rule;
use crate::report;

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The rule's code, e.g. ZG012; all rules are listed without one
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

/// Prints one rule in full, or all of them in a list.
pub(super) fn run(args: &ExplainArgs, output: &Output) -> ExitCode {
    let Some(code) = &args.code else { return finish(&report::rule_list(&output.printer), None, &output.printer) };
    let Some(rule) = Rule::parse(code) else {
        let message = format!("`{}` is no rule; `zerverless-gitops explain` lists them", printable(code));
        return fail(&Error::Usage(message), output);
    };
    finish(&report::rule(rule, &output.printer), None, &output.printer)
}
