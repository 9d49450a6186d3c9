//! The command line: what was typed → what is meant → one verb → an exit status.
//!
//! [`args`] mirrors exactly what was typed; [`settings`] makes values of it that are complete and valid (flags over environment over defaults);
//! each verb is one file; [`exit`] is the one table of exit statuses.

mod app;
mod args;
mod changed;
mod confirm;
mod copies;
mod db;
mod destroy;
mod engine;
mod exit;
mod explain;
mod export;
mod generate;
mod git;
mod history;
mod init;
mod list;
mod listen;
mod logs;
mod orchestrator;
mod prune_images;
mod release;
mod repair;
mod resume;
mod rollback;
mod runs;
mod schema;
mod serve;
mod settings;
mod signals;
mod status;
mod target;
mod unlock;
mod validate;
mod watch;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::error::{Class, Error};
use crate::local;
use crate::report::{Format, Printer};
use args::{Cli, Command};
use settings::Output;

/// Runs the program and returns its exit status.
#[must_use]
pub fn run() -> ExitCode {
    // Workers are many and start often: they come before everything that only people need.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == local::WORKER) {
        return local::work().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for; a reader that closes the pipe has read enough.
            let _ = error.print();
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return if asked { ExitCode::SUCCESS } else { exit::code(Class::Usage) };
        }
    };
    let output = Output::new(&cli.global);
    if !cli.command.speaks(output.format) {
        let message = format!("{} is a form for findings and changes; here it is human, json or markdown", output.format.as_str());
        return fail(&Error::Usage(message), &output);
    }
    match cli.command {
        Command::Validate(args) => validate::run(&args, &output),
        Command::Diff(args) => in_runtime(threads(&args.server), &output, runs::diff(&args, &output)),
        Command::Sync(args) => in_runtime(threads(&args.server), &output, runs::sync(&args, &output)),
        Command::Watch(args) => in_runtime(if args.serves() { Threads::Many } else { Threads::One }, &output, watch::run(&args, &output)),
        Command::Status(args) => in_runtime(threads(&args.target.server), &output, status::run(&args, &output)),
        Command::History(args) => in_runtime(threads(&args.target.server), &output, history::run(&args, &output)),
        Command::List(args) => in_runtime(threads(&args.server), &output, list::run(&args, &output)),
        Command::Rollback(args) => in_runtime(threads(&args.target.server), &output, rollback::run(&args, &output)),
        Command::Resume(args) => in_runtime(threads(&args.target.server), &output, resume::run(&args, &output)),
        Command::Destroy(args) => in_runtime(threads(&args.target.server), &output, destroy::run(&args, &output)),
        Command::Release(args) => in_runtime(threads(&args.target.server), &output, release::run(&args, &output)),
        Command::Repair(args) => in_runtime(threads(&args.target.server), &output, repair::run(&args, &output)),
        Command::Unlock(args) => in_runtime(threads(&args.target.server), &output, unlock::run(&args, &output)),
        Command::Export(args) => in_runtime(threads(&args.server), &output, export::run(&args, &output)),
        Command::Serve(args) => in_runtime(Threads::Many, &output, serve::run(&args, &output)),
        Command::PruneImages(args) => in_runtime(Threads::One, &output, prune_images::run(&args, &output)),
        Command::Logs(args) => in_runtime(Threads::One, &output, logs::run(&args, &output)),
        Command::Init(args) => init::run(&args, &output),
        Command::Schema => schema::run(&output),
        Command::App(args) => in_runtime(Threads::One, &output, app::run(&args, &output)),
        Command::Db(args) => in_runtime(Threads::One, &output, db::run(&args, &output)),
        Command::Explain(args) => explain::run(&args, &output),
        Command::Completions(args) => generate::completions(&args, &output),
        Command::Man(args) => generate::man(&args, &output),
    }
}

/// On how many threads requests are handled. Files are read and hashed on threads of their own either way.
#[derive(Clone, Copy)]
enum Threads {
    /// A client alone: handing each of ten thousand small requests from thread to thread costs more than the requests.
    One,
    /// A server in this process answers beside it.
    Many,
}

fn threads(server: &args::Server) -> Threads {
    if server.local.is_some() { Threads::Many } else { Threads::One }
}

fn in_runtime(threads: Threads, output: &Output, verb: impl Future<Output = ExitCode>) -> ExitCode {
    let mut builder = match threads {
        Threads::One => tokio::runtime::Builder::new_current_thread(),
        Threads::Many => tokio::runtime::Builder::new_multi_thread(),
    };
    match builder.enable_all().build() {
        Ok(runtime) => {
            let code = runtime.block_on(verb);
            // What still reads from a disk or a socket must not hold up the end.
            runtime.shutdown_background();
            code
        }
        Err(error) => fail(&Error::Unexpected(format!("cannot start: {error}")), output),
    }
}

/// Says why nothing could begin, and gives the exit status for it.
fn fail(error: &Error, output: &Output) -> ExitCode {
    if let Some(text) = crate::report::early_failure(error, output.format) {
        let _ = output.printer.result(&text);
    }
    let findings = if let Error::Invalid(findings) = error { findings.as_slice() } else { &[] };
    let names: Vec<String> = findings.iter().map(|finding| finding.file.to_string()).collect();
    output.printer.say(&crate::report::failure(error, &names, false, &output.printer));
    exit::code(error.class())
}

/// Writes the result of a verb, or says why there is none.
fn conclude(result: Result<String, Error>, output: &Output) -> ExitCode {
    match result {
        Ok(text) => finish(&text, None, &output.printer),
        Err(error) => fail(&error, output),
    }
}

/// Writes the result to stdout and to the files that were asked for.
fn finish_all(render: impl Fn(Format) -> String, copies: copies::OpenCopies, class: Option<Class>, output: &Output) -> ExitCode {
    let written = copies.write(&render);
    let code = finish(&render(output.format), class, &output.printer);
    match written {
        Ok(()) => code,
        Err(error) => {
            output.printer.say(&crate::report::failure(&error, &[], false, &output.printer));
            exit::code(class.unwrap_or(error.class()))
        }
    }
}

/// Writes the result; a disk that is full turns success into a failure.
fn finish(text: &str, class: Option<Class>, printer: &Printer) -> ExitCode {
    match printer.result(text) {
        Ok(()) => class.map_or(ExitCode::SUCCESS, exit::code),
        Err(error) => {
            printer.say(&format!("error: cannot write the result: {error}\n"));
            exit::code(class.unwrap_or(Class::Unexpected))
        }
    }
}
