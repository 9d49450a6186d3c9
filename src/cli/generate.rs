//! Completions and man pages, from the same table as the command line itself.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::{Command, CommandFactory};

use super::args::{Cli, CompletionsArgs, ManArgs};
use super::settings::Output;
use super::{fail, finish};
use crate::error::Error;

/// Prints a completion script.
pub(super) fn completions(args: &CompletionsArgs, output: &Output) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "zerverless-gitops", &mut script);
    finish(&String::from_utf8_lossy(&script), None, &output.printer)
}

/// Prints the main page, or writes all pages.
pub(super) fn man(args: &ManArgs, output: &Output) -> ExitCode {
    let pages = pages();
    let result = match (&pages, &args.directory) {
        (Ok(pages), None) => Ok(pages.first().map(|(_, page)| page.clone()).unwrap_or_default()),
        (Ok(pages), Some(directory)) => write(pages, directory),
        (Err(error), _) => Err(error.kind().into()),
    };
    match result {
        Ok(text) => finish(&text, None, &output.printer),
        Err(error) => fail(&Error::Unexpected(format!("cannot write man pages: {error}")), output),
    }
}

fn write(pages: &[(String, String)], directory: &Path) -> io::Result<String> {
    std::fs::create_dir_all(directory)?;
    let mut out = String::new();
    for (name, page) in pages {
        let file = directory.join(name);
        std::fs::write(&file, page)?;
        out.push_str(&crate::report::written(&file));
        out.push('\n');
    }
    Ok(out)
}

/// File name and text of every page, the main one first.
fn pages() -> io::Result<Vec<(String, String)>> {
    let mut main = Cli::command();
    main.build();
    let mut pages = vec![page(main.clone(), "zerverless-gitops")?];
    for command in main.get_subcommands() {
        let name = format!("zerverless-gitops-{}", command.get_name());
        pages.push(page(command.clone().bin_name(name.clone()).display_name(name.clone()), &name)?);
    }
    pages.push(("zerverless-gitops-rules.7".to_owned(), crate::report::rules_page()));
    Ok(pages)
}

fn page(command: Command, name: &str) -> io::Result<(String, String)> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command).manual("zerverless-gitops").render(&mut text)?;
    Ok((format!("{name}.1"), String::from_utf8_lossy(&text).into_owned()))
}
