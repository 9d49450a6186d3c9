//! `watch --listen`: the registered applications are kept, and the applications API is served.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};
use miette::Diagnostic;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::settings::Output;
use super::signals;
use crate::apply::StopReason;
use crate::control::{self, Control, Secrets, Tokens};
use crate::error::Error;
use crate::event::{Event, Reporter};
use crate::key::AppId;
use crate::pipeline::Options;
use crate::registry::{Allowed, Ended, Registry, RegistryError};
use crate::report::{Format, Level, Log, LogForm};
use crate::source;
use crate::watch::{Fleet, FleetSettings, OnDrift, Pass, Step, Trigger};

/// How registered applications are kept, and the API for them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Registered applications")]
pub(super) struct ListenArgs {
    /// Keep the applications that are registered by the API served here, instead of SOURCE [default without ADDR: 127.0.0.1:8400]
    #[arg(long, value_name = "ADDR", num_args = 0..=1, default_missing_value = "127.0.0.1:8400")]
    pub(super) listen: Option<SocketAddr>,
    /// Where registrations and their history are kept [default: zerverless-gitops in the user's state directory]
    #[arg(long, value_name = "DIR", env = "ZERVERLESS_DATA_DIR", hide_env_values = true, value_hint = ValueHint::DirPath)]
    data_dir: Option<PathBuf>,
    /// File with the key that seals credentials in the database [default: key in the data directory, made when there is none]
    #[arg(long, value_name = "F", requires = "listen", value_hint = ValueHint::FilePath)]
    key_file: Option<PathBuf>,
    /// File that says what opens the repositories of a host or organisation, e.g. `github.com/my-org token-file=/run/secrets/github`; read at each use
    #[arg(long, value_name = "F", requires = "listen", value_hint = ValueHint::FilePath)]
    credentials: Option<PathBuf>,
    /// How many applications are synced at a time
    #[arg(long, value_name = "N", default_value_t = 4, requires = "listen", value_parser = clap::value_parser!(u16).range(1..=64))]
    concurrent: u16,
    /// Open registered repositories with the ssh agent, the keys and the Git credential helpers of this user, too [default: only without --api-token-file, when
    /// nobody but programs of this machine can ask]
    #[arg(long, requires = "listen")]
    own_credentials: bool,
    /// Only repositories on this host may be registered, e.g. github.com or *.example.com; may be given several times [default: any public host, and with a loopback ADDR private networks and this machine as well]
    #[arg(long, value_name = "HOST", requires = "listen")]
    allow_host: Vec<String>,
    /// File with tokens for the API, one a line, each alone or followed by the namespaces it is limited to; read again at SIGHUP
    #[arg(long, value_name = "F", requires = "listen", value_hint = ValueHint::FilePath)]
    api_token_file: Option<PathBuf>,
    /// File with secrets of webhooks, one a line, all of them valid; read again at SIGHUP [default: webhooks are not taken]
    #[arg(long, value_name = "F", requires = "listen", value_hint = ValueHint::FilePath)]
    webhook_secret_file: Option<PathBuf>,
    /// Take webhooks at an address of their own
    #[arg(long, value_name = "ADDR", requires = "webhook_secret_file")]
    webhook_listen: Option<SocketAddr>,
    /// Form of the log on stderr
    #[arg(long, value_enum, default_value_t, requires = "listen")]
    log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One object a line
    Json,
}

/// What the rest of the command line says about keeping.
pub(super) struct Keeping {
    pub(super) interval: Duration,
    pub(super) on_drift: OnDrift,
    pub(super) options: Options,
    pub(super) git: source::Options,
}

/// Keeps what is registered until a signal comes.
pub(super) async fn keep(args: &ListenArgs, address: SocketAddr, keeping: Keeping, output: &Output) -> Result<StopReason, Error> {
    let (tokens, secrets) = (args.tokens()?, args.secrets()?);
    if !address.ip().is_loopback() && tokens.is_none() {
        let message = format!("--listen {address}: other machines may ask only with a token: give --api-token-file");
        return Err(Error::Usage(message));
    }
    let stop = signals::watch(keeping.options.server.hurry.clone());
    let form = if args.log_format == LogFormat::Json { LogForm::Json } else { LogForm::Text };
    let log = Log::new(output.printer, form, output.detail.verbose, output.detail.quiet);
    let registry =
        Registry::open(&data_directory(args.data_dir.as_deref())?, args.key_file.as_deref()).await.map_err(|error| unusable(&error))?;
    let (listener, address) = bind(address).await?;
    let webhook_listener = match args.webhook_listen {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let Keeping { interval, on_drift, options, mut git } = keeping;
    let allowed = Allowed { hosts: args.allow_host.clone(), loopback: address.ip().is_loopback() };
    git.credentials.given_only = tokens.is_some() && !args.own_credentials;
    let judge = allowed.clone();
    git.screen = Some(source::Screen::new(move |host, address| judge.may_connect(host, address)));
    let settings = FleetSettings {
        interval,
        on_drift,
        parallel: usize::from(args.concurrent),
        options,
        git,
        allowed: allowed.clone(),
        credentials: args.credentials.clone(),
        reporter: Box::new(move |app| Arc::new(Named { app: app.clone(), log })),
        show: Box::new(shown(log)),
    };
    let (fleet, runner) = Fleet::new(registry.clone(), settings, stop);
    let settings = control::Settings { allowed, tokens: tokens.clone(), secrets: secrets.clone() };
    let control = Control::new(registry.clone(), fleet.clone(), settings);
    let (api, webhooks) = (control::api(control.clone()), control::webhooks(control));
    let closing = CancellationToken::new();
    let serve = |listener, router| tokio::spawn(control::serve(listener, router, closing.clone()));
    let webhooks_at = webhook_listener.as_ref().map(|(_, address)| *address);
    let serving = match webhook_listener {
        Some((own, _)) => vec![serve(listener, api), serve(own, webhooks)],
        None => vec![serve(listener, api.merge(webhooks))],
    };
    look_again_at_hangup(fleet, tokens, secrets, log);
    say_where(address, webhooks_at, output)?;
    // Nobody has to be told where no service manager is.
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
    let reason = runner.run().await;
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
    closing.cancel();
    for serving in serving {
        let _ = serving.await;
    }
    registry.close().await;
    reason.map_err(|error| unusable(&error))
}

impl ListenArgs {
    fn tokens(&self) -> Result<Option<Tokens>, Error> {
        let read = self.api_token_file.as_deref().map(Tokens::read).transpose();
        read.map_err(|error| Error::Usage(format!("--api-token-file {error}")))
    }

    fn secrets(&self) -> Result<Option<Secrets>, Error> {
        let read = self.webhook_secret_file.as_deref().map(Secrets::read).transpose();
        read.map_err(|error| Error::Usage(format!("--webhook-secret-file {error}")))
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |error: std::io::Error| Error::Unexpected(format!("cannot listen on {address}: {error}"));
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// The first line of stdout: who started this process with a free port learns it there.
fn say_where(address: SocketAddr, webhooks: Option<SocketAddr>, output: &Output) -> Result<(), Error> {
    let url = |address: SocketAddr| format!("http://{address}");
    let line = match (output.format, webhooks) {
        (Format::Json, webhooks) => json!({"listening": url(address), "webhooks": webhooks.map(url)}).to_string(),
        (_, None) => format!("the applications API is served at {}", url(address)),
        (_, Some(webhooks)) => format!("the applications API is served at {} , webhooks at {}", url(address), url(webhooks)),
    };
    output.printer.result(&(line + "\n")).map_err(|error| Error::Unexpected(format!("cannot write: {error}")))
}

/// SIGHUP: tokens and secrets are read again, and everything is looked at.
fn look_again_at_hangup(fleet: Fleet, tokens: Option<Tokens>, secrets: Option<Secrets>, log: Log) {
    super::watch::at_hangup(move || {
        let read = [tokens.as_ref().map(Tokens::reread), secrets.as_ref().map(Secrets::reread)];
        for error in read.into_iter().flatten().filter_map(Result::err) {
            log.line(Level::Error, None, &format!("{error}; what was read before stays valid"), &[]);
        }
        log.line(Level::Info, None, "looking at everything again: SIGHUP", &[]);
        fleet.wake_all(Trigger::Asked);
    });
}

/// Given, or where services and users keep their state.
pub(super) fn data_directory(given: Option<&Path>) -> Result<PathBuf, Error> {
    let set = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let of_user = || set("XDG_STATE_HOME").or_else(|| Some(set("HOME")?.join(".local/state"))).map(|dir| dir.join("zerverless-gitops"));
    let found = given.map(Path::to_owned).or_else(|| set("STATE_DIRECTORY")).or_else(of_user);
    found.ok_or_else(|| Error::Usage("there is no home directory to keep registrations in: name one with --data-dir".to_owned()))
}

pub(super) fn unusable(error: &RegistryError) -> Error {
    let help = error.help().map(|help| format!(" ({help})")).unwrap_or_default();
    Error::Unexpected(format!("{error}{help}"))
}

/// What happens while one application is looked at.
struct Named {
    app: AppId,
    log: Log,
}

impl Reporter for Named {
    fn event(&self, event: &Event) {
        self.log.event(&self.app, event);
    }
}

/// Logs runs: what changed something, and what fails in another way than before.
fn shown(log: Log) -> impl Fn(&AppId, &Pass, &Ended) + Send + Sync {
    let failing: Mutex<HashMap<AppId, String>> = Mutex::default();
    move |app, pass, ended| {
        let run = &pass.run;
        let failure = ended.message.clone().filter(|_| run.error.is_some());
        let before = {
            let mut failing = failing.lock().unwrap_or_else(PoisonError::into_inner);
            match &failure {
                Some(failure) => failing.insert(app.clone(), failure.clone()),
                None => failing.remove(app),
            }
        };
        let changed = run.plan.as_ref().is_some_and(crate::plan::Plan::has_changes);
        let cause = pass.rung.triggers.last().map_or("start", |trigger| trigger.as_str());
        let revision = run.revision.as_deref().map(|revision| format!(" @ {}", &revision[..revision.len().min(12)])).unwrap_or_default();
        let seconds = pass.took.as_secs_f64();
        let fields = [("cause", json!(cause)), ("revision", json!(run.revision)), ("took_ms", json!(pass.took.as_millis()))];
        match (failure, before) {
            (Some(failure), before) if before.as_deref() != Some(failure.as_str()) => {
                log.line(Level::Error, Some(app), &failure, &fields);
            }
            (Some(_), _) => {}
            (None, before) if changed || before.is_some() => {
                let done = crate::report::counts(run, pass.step == Step::Sync);
                log.line(Level::Info, Some(app), &format!("{done}{revision} ({cause}, {seconds:.2} s)"), &fields);
            }
            (None, _) => {}
        }
    }
}
