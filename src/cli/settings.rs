//! From what was typed to what is meant: complete, valid values.

use std::io::IsTerminal;
use std::path::Path;

use anstream::ColorChoice;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::args::{Allow, Color, Connection, Global, OutputFormat, Server, VerifyArg};
use super::engine::EngineArgs;
use crate::api::Config;
use crate::apply::Deployment;
use crate::error::Error;
use crate::key::Namespace;
use crate::pipeline::{self, Options, Verify};
use crate::plan::{Policy, Rebuild, TakeOver};
use crate::report::{Detail, Format, Printer, Terminal};

/// A token of more bytes is the wrong file.
const MAX_TOKEN: u64 = 16 * 1024;

impl OutputFormat {
    pub(super) fn format(self) -> Format {
        match self {
            Self::Human => Format::Human,
            Self::Json => Format::Json,
            Self::Markdown => Format::Markdown,
            Self::Sarif => Format::Sarif,
            Self::Github => Format::Github,
            Self::Junit => Format::Junit,
        }
    }
}

/// How and how much is said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    pub(super) format: Format,
    pub(super) detail: Detail,
    pub(super) printer: Printer,
    /// Somebody can be asked: both sides of a conversation are a terminal, and no CI system drives it.
    pub(super) asks: bool,
    bars: bool,
}

impl Output {
    pub(super) fn new(global: &Global) -> Self {
        let choice = match global.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        let printer = Printer::new(choice);
        let in_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
        let asks = printer.stderr_is_terminal() && std::io::stdin().is_terminal() && !in_ci;
        let bars = printer.stderr_is_terminal() && !global.no_progress && !global.quiet && !in_ci;
        let detail = Detail { verbose: global.verbose, quiet: global.quiet, show_code: false };
        Self { format: global.output.format(), detail, printer, asks, bars }
    }

    pub(super) fn terminal(&self) -> Terminal {
        Terminal::new(self.printer, self.bars, self.detail.verbose, self.detail.quiet)
    }

    pub(super) fn with_code(self, show_code: bool) -> Self {
        Self { detail: Detail { show_code, ..self.detail }, ..self }
    }
}

/// Everything a run is told.
pub(super) fn options(server: &Server, allow: &Allow, strict: bool) -> Result<Options, Error> {
    // CI systems set variables that they have no value for to nothing.
    let namespace =
        server.namespace.as_deref().filter(|name| !name.is_empty()).map(|name| {
            Namespace::new(name).map_err(|error| Error::Usage(format!("--namespace `{}` {error}", crate::key::printable(name))))
        });
    let take_over = match &allow.take_over {
        None => TakeOver::No,
        Some(None) => TakeOver::Any,
        Some(Some(name)) => TakeOver::From(name.clone()),
    };
    let policy = Policy {
        no_prune: allow.no_prune,
        keep_unmanaged: allow.keep_unmanaged,
        max_delete: allow.max_delete,
        allow_empty: allow.allow_empty,
        allow_older: allow.allow_older,
        adopt: allow.adopt,
        take_over,
        rebind: allow.rebind,
        local: server.local.is_some(),
        source: String::new(),
        commit: None,
    };
    let config = config(&server.connection)?;
    if server.local.is_none() {
        config.check()?;
    }
    let verify = match server.verify {
        VerifyArg::Record => Verify::Record,
        VerifyArg::List => Verify::List,
        VerifyArg::Full => Verify::Full,
    };
    Ok(Options {
        server: config,
        namespace: namespace.transpose()?,
        policy,
        verify,
        strict,
        lock_timeout: std::time::Duration::ZERO,
        pinned: None,
        pace: pipeline::Pace::default(),
        deployment: Deployment { engine: EngineArgs::of_the_environment().settings(), wait: None },
        rebuild: Rebuild::No,
    })
}

/// How requests reach the orchestrator.
pub(super) fn config(connection: &Connection) -> Result<Config, Error> {
    Ok(Config {
        url: connection.server.clone(),
        token: token("--token-file", connection.token_file.as_deref(), "ZERVERLESS_TOKEN")?,
        insecure_token: connection.allow_insecure_token,
        ca_file: connection.ca_file.clone(),
        timeout: connection.timeout,
        retries: connection.retries,
        parallelism: usize::from(connection.parallelism),
        hurry: CancellationToken::new(),
    })
}

/// The file wins over the environment; a token is never an argument, which every process of the machine could read.
pub(super) fn token(flag: &str, file: Option<&Path>, variable: &str) -> Result<Option<SecretString>, Error> {
    let Some(file) = file else {
        return Ok(std::env::var(variable).ok().filter(|token| !token.trim().is_empty()).map(|token| token.trim().into()));
    };
    let wrong = |reason: String| Error::Usage(format!("{flag} {}: {reason}", file.display()));
    let size = std::fs::metadata(file).map_err(|error| wrong(error.to_string()))?;
    if !size.is_file() || size.len() > MAX_TOKEN {
        return Err(wrong("is not a file with a token".to_owned()));
    }
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    let token = text.trim();
    if token.is_empty() || token.contains(char::is_whitespace) {
        return Err(wrong("holds no token, or more than one".to_owned()));
    }
    Ok(Some(token.into()))
}
