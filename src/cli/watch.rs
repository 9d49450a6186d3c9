//! `watch`: the same sync again and again, until somebody ends it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};
use tokio::signal::unix::{SignalKind, signal};

use super::args::{Allow, Server, duration};
use super::engine::DeployArgs;
use super::git::Git;
use super::listen::{self, Keeping, ListenArgs};
use super::orchestrator::{Orchestrator, Serving};
use super::settings::{Output, options};
use super::{exit, fail, runs, signals};
use crate::apply::StopReason;
use crate::error::{Class, Error};
use crate::event::Silent;
use crate::pipeline::{Context, Options};
use crate::report::{self, Format, Verb};
use crate::source::{self, Location, Source};
use crate::watch::{self, Bell, OnDrift, Pass, Settings, Step, Target, Trigger};

pub(super) const EXAMPLES: &str = "Examples:\n  zerverless-gitops watch --local examples/hello\n  zerverless-gitops watch --server \
                                   https://zv.example.org --interval 1m\n  zerverless-gitops watch --on-drift report -o json\n\nErrors never end \
                                   it: what may pass is tried again with growing waits, an invalid manifest waits for a change.\nAgainst a \
                                   server that is not --local, another branch, name or namespace pauses it.\nSIGHUP looks at once. SIGTERM \
                                   ends it with status 0 when the run under way is finished.";

#[derive(Debug, Args)]
pub(super) struct WatchArgs {
    /// The directory that holds the manifest, the manifest, or a Git URL
    #[arg(value_name = "SOURCE", default_value = ".", conflicts_with = "listen", value_hint = ValueHint::DirPath)]
    source: PathBuf,
    /// The manifest's name in SOURCE
    #[arg(short, long, value_name = "F", default_value = crate::manifest::MANIFEST_FILE)]
    file: String,
    /// Treat warnings as errors
    #[arg(long)]
    strict: bool,
    /// How often to look when nothing tells of a change
    #[arg(long, value_name = "D", default_value = "5m", value_parser = duration)]
    interval: Duration,
    /// How long files must stand still before they are taken
    #[arg(long, value_name = "D", default_value = "100ms", conflicts_with = "listen", value_parser = duration)]
    debounce: Duration,
    /// What to do when the live state differs while the source does not
    #[arg(long, value_enum, default_value_t)]
    on_drift: OnDriftArg,
    /// Go on when another branch is checked out, or the manifest gets another name or namespace
    #[arg(long, conflicts_with = "listen")]
    follow_branch: bool,
    /// Where the embedded orchestrator of --local listens
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8000", requires = "local")]
    local_listen: SocketAddr,
    #[command(flatten)]
    listen: ListenArgs,
    #[command(flatten)]
    serving: Serving,
    #[command(flatten)]
    git: Git,
    #[command(flatten)]
    pub(super) server: Server,
    #[command(flatten)]
    allow: Allow,
    #[command(flatten)]
    deploy: DeployArgs,
}

impl WatchArgs {
    /// Whether this process answers requests beside its runs.
    pub(super) fn serves(&self) -> bool {
        self.server.local.is_some() || self.listen.listen.is_some()
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum OnDriftArg {
    /// Make it equal again
    #[default]
    Apply,
    /// Say what differs
    Report,
}

impl OnDriftArg {
    fn meant(self) -> OnDrift {
        match self {
            Self::Apply => OnDrift::Apply,
            Self::Report => OnDrift::Report,
        }
    }
}

/// Keeps the namespace equal to the source.
pub(super) async fn run(args: &WatchArgs, output: &Output) -> ExitCode {
    match Box::pin(keep(args, output)).await {
        Ok(StopReason::Interrupt) => exit::code(Class::Interrupted),
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => fail(&error, output),
    }
}

async fn keep(args: &WatchArgs, output: &Output) -> Result<StopReason, Error> {
    if !matches!(output.format, Format::Human | Format::Json) {
        return Err(Error::Usage("`watch` writes human or json: a comment has no end to wait for".to_owned()));
    }
    if args.server.local.is_none() && args.serving.is_set() {
        return Err(Error::Usage("--replies and --live-reload are for --local: another orchestrator answers its own way".to_owned()));
    }
    let mut options = options(&args.server, &args.allow, args.strict)?;
    options.lock_timeout = Duration::from_secs(120);
    options.deployment = args.deploy.deployment();
    match args.listen.listen {
        Some(address) => keep_registered(args, address, options, output).await,
        None => Box::pin(keep_source(args, options, output)).await,
    }
}

async fn keep_registered(args: &WatchArgs, address: SocketAddr, mut options: Options, output: &Output) -> Result<StopReason, Error> {
    if options.namespace.is_some() {
        return Err(Error::Usage("--namespace does not go with --listen: each registration names its own".to_owned()));
    }
    let git = args.git.options(&args.file, Arc::new(Silent), options.server.hurry.clone())?;
    if git.subdir.is_some() || git.wanted != source::Wanted::Default {
        return Err(Error::Usage("--branch, --revision and --subdir do not go with --listen: each registration names its own".to_owned()));
    }
    if git.credentials.token.is_some() {
        let message = "a token for all repositories does not go with --listen: it would be sent to any host that somebody registers; --credentials names hosts";
        return Err(Error::Usage(message.to_owned()));
    }
    let orchestrator = Orchestrator::choose(&args.server, &PathBuf::from("."), args.serving.at(args.local_listen), &mut options).await?;
    let keeping = Keeping { interval: args.interval, on_drift: args.on_drift.meant(), options, git };
    let reason = listen::keep(&args.listen, address, keeping, output).await;
    orchestrator.finish().await;
    reason
}

async fn keep_source(args: &WatchArgs, mut options: Options, output: &Output) -> Result<StopReason, Error> {
    let stop = signals::watch(options.server.hurry.clone());
    let reporter = Arc::new(output.terminal());
    let git = args.git.options(&args.file, reporter.clone(), options.server.hurry.clone())?;
    let location = Location::parse(&args.source)?;
    let directory = watched_directory(&location, &git)?;
    let beside = directory.clone().unwrap_or_else(|| PathBuf::from("."));
    let orchestrator = Orchestrator::choose(&args.server, &beside, args.serving.at(args.local_listen), &mut options).await?;
    if let Some(page) = orchestrator.page().filter(|_| output.format == Format::Human && !output.detail.quiet) {
        output.printer.say(&format!("serving functions and files, and a page with all of them: {page}\n"));
    }
    let target = Target { open: Arc::new(move || Source::open(&location, &git)), directory };
    let settings = Settings {
        interval: args.interval,
        debounce: args.debounce,
        on_drift: args.on_drift.meant(),
        follow: args.follow_branch || args.server.local.is_some(),
    };
    let bell = Bell::default();
    let ringing = bell.clone();
    at_hangup(move || ringing.ring(Trigger::Asked));
    let context = Context { reporter, stop, confirm: None };
    let mut shown = Shown { output, strict: args.strict, passes: 0, failure: None };
    let reason = watch::watch(target, settings, options, &context, &bell, |pass| shown.pass(pass)).await;
    orchestrator.finish().await;
    Ok(reason)
}

/// The directory whose files are watched: none for a commit, which is only polled. A path that is none is told at once; a remote that is away may come back.
fn watched_directory(location: &Location, git: &source::Options) -> Result<Option<PathBuf>, Error> {
    let Location::Path(_) = location else { return Ok(None) };
    let source = Source::open(location, git)?;
    Ok(source.on_disk(&source.manifest).map(|_| source.shown_directory()))
}

/// Does `work` at each SIGHUP.
pub(super) fn at_hangup(work: impl Fn() + Send + 'static) {
    // Where the signal cannot be caught, it ends the process as it always does.
    let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            work();
        }
    });
}

/// What was shown so far: a failure that stays the same is told once.
struct Shown<'a> {
    output: &'a Output,
    strict: bool,
    passes: u64,
    failure: Option<String>,
}

impl Shown<'_> {
    fn pass(&mut self, pass: &Pass) {
        let (output, run) = (self.output, &pass.run);
        let failure = run.error.as_ref().map(ToString::to_string);
        let is_news = failure != self.failure || matches!(run.error, Some(Error::Invalid(_) | Error::Partial { .. }));
        let recovered = failure.is_none() && self.failure.is_some();
        self.failure = failure;
        self.passes += 1;
        let view = report::PassView {
            run,
            verb: if pass.step == Step::Compare { Verb::Diff } else { Verb::Sync },
            trigger: pass.rung.triggers.first().map_or("start", |trigger| trigger.as_str()),
            by_files: pass.rung.triggers.contains(&Trigger::Files),
            took: pass.took,
            next: pass.next,
            is_first: self.passes == 1,
            recovered,
        };
        if is_news && output.format == Format::Human {
            runs::say(run, pass.source.as_deref(), false, self.strict, output);
        }
        let text = report::pass(&view, is_news, output.format, output.detail, &output.printer);
        if let Err(error) = output.printer.result(&text) {
            output.printer.say(&format!("warning: cannot write the result: {error}\n"));
        }
    }
}
