//! `diff` and `sync`: the same run for each application, ended earlier or later.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use super::args::{DiffArgs, Server, Sources, SyncArgs};
use super::copies::Subject;
use super::orchestrator::{Orchestrator, passing};
use super::settings::{Output, options};
use super::{confirm, exit, fail, finish, finish_all, prune_images, signals};
use crate::apply::{Stop, StopReason};
use crate::error::{Class, Error, gravest};
use crate::manifest::Finding;
use crate::pipeline::{self, Confirm, Context, Options, Run};
use crate::plan::Guard;
use crate::report::{self, Verb};
use crate::source::{self, Location, Source, SourceError};

/// How long a fetch that was asked to end is waited for.
const GRACE: Duration = Duration::from_secs(1);

/// Shows what a sync would change.
pub(super) async fn diff(args: &DiffArgs, output: &Output) -> ExitCode {
    let output = output.with_code(args.show_code);
    let copies = match args.copies.open(output.format, Subject::Changes) {
        Ok(copies) => copies,
        Err(error) => return fail(&error, &output),
    };
    let options = match options(&args.server, &args.allow, args.sources.strict) {
        Ok(options) => options,
        Err(error) => return fail(&error, &output),
    };
    let (runs, worst) = match each(&args.sources, &args.server, options, &output, Verb::Diff, None).await {
        Ok(done) => done,
        Err(error) => return fail(&error, &output),
    };
    let pending = runs.iter().filter_map(|run| run.plan.as_ref()).any(crate::plan::Plan::has_changes);
    let render = |format| report::runs(&runs, Verb::Diff, format, output.detail, &output.printer);
    let code = finish_all(render, copies, worst, &output);
    if worst.is_none() && pending && args.detailed_exitcode && code == ExitCode::SUCCESS { ExitCode::from(exit::PENDING) } else { code }
}

/// Makes the namespace equal to the source.
pub(super) async fn sync(args: &SyncArgs, output: &Output) -> ExitCode {
    let output = output.with_code(args.show_code);
    let copies = match args.copies.open(output.format, Subject::Changes) {
        Ok(copies) => copies,
        Err(error) => return fail(&error, &output),
    };
    let options = match options(&args.server, &args.allow, args.sources.strict) {
        Ok(options) => {
            let (deployment, rebuild) = (args.deploy.deployment(), args.images.rebuild());
            Options { lock_timeout: args.lock_timeout, deployment, rebuild, ..options }
        }
        Err(error) => return fail(&error, &output),
    };
    let (server, engine) = (options.server.clone(), options.deployment.engine.clone());
    let confirm = confirm::before_deleting(&args.yes, &output);
    match each(&args.sources, &args.server, options, &output, Verb::Sync, confirm).await {
        Ok((runs, worst)) => {
            if args.images.prune_images && worst.is_none() && args.server.local.is_none() {
                prune_images::after_sync(&server, &engine, &output).await;
            }
            let render = |format| report::runs(&runs, Verb::Sync, format, output.detail, &output.printer);
            finish_all(render, copies, worst, &output)
        }
        Err(error) => fail(&error, &output),
    }
}

/// One run for every source. They go on past each other's failures.
async fn each(
    sources: &Sources,
    server: &Server,
    mut options: Options,
    output: &Output,
    verb: Verb,
    confirm: Option<Confirm>,
) -> Result<(Vec<Run>, Option<Class>), Error> {
    let stop = signals::watch(options.server.hurry.clone());
    let reporter = Arc::new(output.terminal());
    let git = sources.git.options(&sources.file, reporter.clone(), options.server.hurry.clone())?;
    let opened = open_unless_signalled(sources, git, &stop).await?;
    let several = opened.len() > 1;
    let first = opened.iter().find_map(|source| source.as_ref().ok()).map(Source::shown_directory);
    let orchestrator = match first {
        Some(directory) => Some(Orchestrator::choose(server, &directory, passing(), &mut options).await?),
        None => None,
    };
    let mut runs = Vec::with_capacity(opened.len());
    let one = async |source: &Arc<Source>| {
        let context = Context { reporter: reporter.clone(), stop: stop.of_next_run(), confirm: confirm.clone() };
        let mut run = match verb {
            Verb::Diff => pipeline::diff(source, &options, &context).await,
            Verb::Sync | Verb::Destroy => pipeline::sync(source, &options, &context).await,
        };
        if let Some(orchestrator) = &orchestrator {
            orchestrator.describe(&mut run);
        }
        run
    };
    let mut waiting: Vec<(usize, Arc<Source>)> = Vec::new();
    for source in opened {
        if stop.signal().is_some() && !runs.is_empty() {
            output.printer.say("interrupted: the applications after this one were not begun\n");
            break;
        }
        let (run, source) = match source {
            Ok(source) => {
                let source = Arc::new(source);
                (one(&source).await, Some(source))
            }
            Err(error) => (Run { error: Some(error.into()), ..Run::default() }, None),
        };
        match source {
            Some(source) if several && verb == Verb::Sync && only_conflicts(&run) => waiting.push((runs.len(), source)),
            source => say(&run, source.as_deref(), several, options.strict, output),
        }
        runs.push(run);
    }
    // What moves from one application to another can be taken only when the other one has let go of it, whichever comes first.
    loop {
        let before = waiting.len();
        let mut still = Vec::new();
        for (position, source) in waiting {
            runs[position] = one(&source).await;
            if only_conflicts(&runs[position]) {
                still.push((position, source));
            } else {
                say(&runs[position], Some(&source), several, options.strict, output);
            }
        }
        waiting = still;
        if waiting.len() == before || waiting.is_empty() {
            break;
        }
    }
    for (position, source) in waiting {
        say(&runs[position], Some(&source), several, options.strict, output);
    }
    if let Some(orchestrator) = orchestrator {
        orchestrator.finish().await;
    }
    let interrupted = stop.signal().filter(|_| several).map(|reason| match reason {
        StopReason::Terminate => Class::Terminated,
        _ => Class::Interrupted,
    });
    let gravest = gravest(runs.iter().filter_map(|run| run.error.as_ref())).map(Error::class);
    Ok((runs, interrupted.or(gravest)))
}

/// Whether nothing keeps a run from beginning but items that other applications own.
fn only_conflicts(run: &Run) -> bool {
    matches!(&run.error, Some(Error::Guard(guards)) if guards.iter().all(|guard| matches!(guard, Guard::Conflict { .. })))
}

/// The result of one run that is none of a source, and why it did not end well.
pub(super) fn tell(run: Result<Run, Error>, verb: Verb, output: &Output) -> ExitCode {
    let run = match run {
        Ok(run) => run,
        Err(error) => return fail(&error, output),
    };
    if let Some(error) = &run.error {
        output.printer.say(&report::failure(error, &[], false, &output.printer));
    }
    let class = run.error.as_ref().map(Error::class);
    finish(&report::runs(&[run], verb, output.format, output.detail, &output.printer), class, &output.printer)
}

/// Warnings and errors of one run, on stderr as soon as it is over.
pub(super) fn say(run: &Run, source: Option<&Source>, several: bool, strict: bool, output: &Output) {
    if several && !run.manifest.is_empty() && (run.error.is_some() || !run.findings.is_empty()) {
        output.printer.say(&format!("{}:\n", run.manifest));
    }
    let names = |findings: &[Finding]| findings.iter().map(|finding| named(source, finding)).collect::<Vec<_>>();
    if !run.findings.is_empty() && !output.detail.quiet {
        output.printer.say(&report::findings(&run.findings, &names(&run.findings), &output.printer));
    }
    let Some(error) = &run.error else { return };
    let findings = if let Error::Invalid(findings) = error { findings.as_slice() } else { &[] };
    output.printer.say(&report::failure(error, &names(findings), strict, &output.printer));
}

/// How the file of a finding is called for people.
pub(super) fn named(source: Option<&Source>, finding: &Finding) -> String {
    source.map_or_else(|| finding.file.to_string(), |source| source.display(&finding.file))
}

/// Opens the sources on another thread, so that a signal is heard meanwhile.
async fn open_unless_signalled(sources: &Sources, git: source::Options, stop: &Stop) -> Result<Vec<Result<Source, SourceError>>, Error> {
    let sources = sources.clone();
    let mut opening = tokio::task::spawn_blocking(move || open(&sources, &git));
    tokio::select! {
        opened = &mut opening => opened.map_err(|error| Error::Unexpected(error.to_string())),
        reason = stop.signalled() => {
            // The signal ends a fetch as well, which then removes what it would leave behind; a host that is silent is not waited for.
            let _ = tokio::time::timeout(GRACE, opening).await;
            Err(pipeline::interrupted(reason))
        }
    }
}

/// Opens every source that was named; one with `--recursive` is all manifests below it.
pub(super) fn open(sources: &Sources, git: &source::Options) -> Vec<Result<Source, SourceError>> {
    let mut opened = Vec::new();
    for path in &sources.sources {
        let location = match Location::parse(path) {
            Ok(location) => location,
            Err(error) => {
                opened.push(Err(error));
                continue;
            }
        };
        if sources.recursive {
            match Source::open_all(&location, git) {
                Ok(found) => opened.extend(found.into_iter().map(Ok)),
                Err(error) => opened.push(Err(error)),
            }
        } else {
            opened.push(Source::open(&location, git));
        }
    }
    opened
}
