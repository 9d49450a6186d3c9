//! `logs`: what happens on a running embedded orchestrator, as it happens.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueHint};
use tokio_util::sync::CancellationToken;

use super::orchestrator::{data_directory, unusable};
use super::settings::Output;
use super::{fail, signals};
use crate::error::Error;
use crate::key::printable;
use crate::local::{self, Call, Change, Follow, Happened};
use crate::report::{Format, Printer, Shade};

#[derive(Debug, Args)]
pub(super) struct LogsArgs {
    /// The directory of the manifest whose data is served
    #[arg(value_name = "SOURCE", default_value = ".", value_hint = ValueHint::DirPath)]
    source: PathBuf,
    /// Where the data is [default: .zerverless in SOURCE]
    #[arg(long, value_name = "DIR", require_equals = true, value_hint = ValueHint::DirPath)]
    local: Option<PathBuf>,
    /// Show only calls that failed
    #[arg(long)]
    errors: bool,
}

/// Follows the server of a directory until it or the user ends it.
pub(super) async fn run(args: &LogsArgs, output: &Output) -> ExitCode {
    let directory = data_directory(args.local.as_deref(), &args.source);
    let stop = signals::watch(CancellationToken::new());
    let url = match local::running(&directory).await {
        Ok(url) => url,
        Err(error) => return fail(&unusable(&error), output),
    };
    let mut follow = match Follow::begin(&url).await {
        Ok(follow) => follow,
        Err(error) => return fail(&Error::NotServed(format!("{url}: {error}")), output),
    };
    if !output.detail.quiet {
        output.printer.say(&format!("following {url}; Ctrl-C ends it\n"));
    }
    loop {
        let happened = tokio::select! {
            _ = stop.signalled() => return ExitCode::SUCCESS,
            happened = follow.next() => happened,
        };
        let Ok(Some(happened)) = happened else {
            output.printer.say("the server has ended\n");
            return ExitCode::SUCCESS;
        };
        if args.errors && !matches!(&happened, Happened::Call(call) if is_bad(call)) {
            continue;
        }
        if output.printer.result(&shown(&happened, output)).is_err() {
            return ExitCode::FAILURE;
        }
    }
}

/// Tells what happens on the server at `url` on stderr, for as long as it runs.
pub(super) async fn tell(url: &str, output: &Output) {
    let Ok(mut follow) = Follow::begin(url).await else { return };
    while let Ok(Some(happened)) = follow.next().await {
        output.printer.say(&human(&happened, &output.printer));
    }
}

fn shown(happened: &Happened, output: &Output) -> String {
    match output.format {
        Format::Json => serde_json::to_string(happened).unwrap_or_default() + "\n",
        Format::Human | Format::Markdown | Format::Github | Format::Sarif | Format::Junit => human(happened, &output.printer),
    }
}

fn human(happened: &Happened, printer: &Printer) -> String {
    match happened {
        Happened::Call(call) => called(call, printer),
        Happened::Change(change) => changed(change, printer),
        Happened::Stored { .. } => String::new(),
    }
}

fn is_bad(call: &Call) -> bool {
    call.error.is_some() || call.status >= 500
}

fn called(call: &Call, printer: &Printer) -> String {
    let shade = if is_bad(call) { Shade::Error } else { Shade::Added };
    let status = printer.paint(shade, &call.status.to_string());
    let took = printer.paint(Shade::Faint, &format!("{:.1} ms, {}", call.milliseconds, printable(&call.runtime)));
    let mut out = format!("{}  {} {}  {status}  {took}\n", clock(&call.at), call.method, printable(&call.target));
    for line in call.printed.lines() {
        let _ = writeln!(out, "          {}", printable(line));
    }
    for line in call.error.iter().flat_map(|error| error.lines()) {
        let _ = writeln!(out, "          {}", printer.paint(Shade::Error, &printable(line)));
    }
    out
}

fn changed(change: &Change, printer: &Printer) -> String {
    let amount = |count: usize, noun: &str| match count {
        0 => None,
        1 => Some(format!("1 {noun}")),
        _ => Some(format!("{count} {noun}s")),
    };
    let namespace = |(name, counts): (&String, &local::Counts)| {
        let amounts = [amount(counts.functions, "function"), amount(counts.files, "file")];
        format!("{}: {}", printable(name), amounts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    };
    let changes = change.namespaces.iter().map(namespace).collect::<Vec<_>>().join("; ");
    format!("{}  {} {changes}\n", clock(&change.at), printer.paint(Shade::Changed, "changed"))
}

/// The time of day, where this machine is.
fn clock(at: &str) -> String {
    let local = at.parse().map(|at: jiff::Timestamp| at.to_zoned_datetime(jiff::tz::TimeZone::system()));
    local.map_or_else(|_| at.to_owned(), |local| local.strftime("%H:%M:%S").to_string())
}

/// What is deployed on the server at `url`, with the addresses to open. None when the server does not tell.
pub(super) async fn addresses(url: &str, source: &Path, printer: &Printer) -> Option<String> {
    const LISTED: usize = 20;
    let overview = local::overview(url).await.ok()?;
    let mut lines = Vec::new();
    for (name, namespace) in &overview.namespaces {
        lines.extend(
            namespace.functions.iter().map(|function| format!("  function  {url}/{}{}", printable(name), printable(&function.path))),
        );
        if namespace.file_count > 0 {
            let index = namespace.files.iter().find(|file| *file == "index.html").map_or("", String::as_str);
            lines.push(format!("  site      {url}/static/{}/{index}  ({} files)", printable(name), namespace.file_count));
        }
    }
    let mut out = format!("  page      {url}/\n");
    if lines.is_empty() {
        let _ = writeln!(out, "  nothing is deployed yet: zerverless-gitops sync --local {}", source.display());
    }
    let more = lines.len().saturating_sub(LISTED);
    for line in lines.iter().take(LISTED) {
        let _ = writeln!(out, "{line}");
    }
    if more > 0 {
        let _ = writeln!(out, "  and {more} more");
    }
    out.push_str(&printer.paint(Shade::Faint, "  Ctrl-C ends it\n"));
    Some(out)
}
