//! Why a run did not end well, sorted by what somebody has to do about it. The command line turns the class into its exit status.

use miette::Diagnostic;
use thiserror::Error;

use crate::api::ApiError;
use crate::docker::EngineError;
use crate::manifest::Finding;
use crate::plan::Guard;
use crate::source::SourceError;

/// What kind of end a run had; each has an exit status of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// A fault of this program or of the machine, or a prompt answered no.
    Unexpected,
    /// Invalid manifest or content: nothing was sent.
    Manifest,
    /// The source cannot be read: nothing was sent.
    Source,
    /// The orchestrator cannot be used: nothing was written.
    Server,
    /// Some changes failed; a rerun converges.
    Partial,
    /// A safety rule refused.
    Guard,
    /// An image cannot be built: nothing was sent.
    Build,
    /// Another run holds the application.
    Busy,
    /// Wrong usage.
    Usage,
    /// SIGINT.
    Interrupted,
    /// SIGTERM.
    Terminated,
}

impl Class {
    /// The word for it in JSON.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unexpected => "unexpected",
            Self::Manifest => "manifest",
            Self::Source => "source",
            Self::Server => "server",
            Self::Partial => "partial",
            Self::Guard => "guard",
            Self::Build => "build",
            Self::Busy => "busy",
            Self::Usage => "usage",
            Self::Interrupted => "interrupted",
            Self::Terminated => "terminated",
        }
    }
}

/// Of several applications, the end that stands first here is the end of the whole.
const GRAVEST: [Class; 11] = [
    Class::Interrupted,
    Class::Terminated,
    Class::Usage,
    Class::Unexpected,
    Class::Source,
    Class::Server,
    Class::Manifest,
    Class::Build,
    Class::Guard,
    Class::Busy,
    Class::Partial,
];

/// The error that decides about several applications.
pub fn gravest<'a>(errors: impl Iterator<Item = &'a Error>) -> Option<&'a Error> {
    errors.min_by_key(|error| GRAVEST.iter().position(|class| *class == error.class()))
}

/// How a run failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// Findings, at least one of which stops a run.
    #[error("the manifest or what it names is not valid")]
    Invalid(Vec<Finding>),
    /// The source.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The orchestrator, before anything was written.
    #[error(transparent)]
    Server(#[from] ApiError),
    /// The orchestrator, after something was written.
    #[error("{what}: {source}")]
    ServerLate {
        /// What was being done.
        what: &'static str,
        /// What went wrong.
        source: ApiError,
    },
    /// Changes that did not end well are in the outcomes.
    #[error("{failed} of {planned} changes failed and {skipped} were not begun")]
    Partial {
        /// How many failed.
        failed: u64,
        /// How many were not begun.
        skipped: u64,
        /// How many there were.
        planned: u64,
    },
    /// Guards.
    #[error("{}", guards_line(.0))]
    Guard(Vec<Guard>),
    /// The claim was lost while changes were made.
    #[error("another run took this one for dead and went on without it; it stopped before deleting anything more")]
    Lost,
    /// The source became another one than this process began with.
    #[error("the {what} was {was} and is {now} now: nothing is applied until that is confirmed")]
    Paused {
        /// What changed.
        what: &'static str,
        /// What this process keeps.
        was: String,
        /// What is there.
        now: String,
    },
    /// An image that functions need is not on the engine; nothing was sent.
    #[error(transparent)]
    Build(#[from] EngineError),
    /// Another run holds the application.
    #[error("another run holds the application: {holder}")]
    Busy {
        /// Who.
        holder: String,
    },
    /// Somebody was asked and said no.
    #[error("nothing was changed: the answer was no")]
    Declined,
    /// No record of the application is there.
    #[error("nothing is recorded of the application {0}")]
    NotRecorded(String),
    /// Options that contradict each other, or a value that is none.
    #[error("{0}")]
    Usage(String),
    /// A signal came before the run was through.
    #[error("interrupted: {0}")]
    Interrupted(&'static str, Class),
    /// No embedded orchestrator to look at.
    #[error("{0}")]
    NotServed(String),
    /// Anything nobody foresaw.
    #[error("{0}")]
    Unexpected(String),
}

fn guards_line(guards: &[Guard]) -> String {
    guards.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Error {
    /// What kind of end this is.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Invalid(_) => Class::Manifest,
            Self::Source(_) => Class::Source,
            Self::Server(ApiError::Config(_)) | Self::Usage(_) => Class::Usage,
            Self::Server(_) | Self::NotServed(_) => Class::Server,
            Self::ServerLate { .. } | Self::Partial { .. } => Class::Partial,
            Self::Guard(_) | Self::Lost | Self::Paused { .. } => Class::Guard,
            Self::Build(_) => Class::Build,
            Self::Busy { .. } => Class::Busy,
            Self::Interrupted(_, class) => *class,
            Self::Unexpected(_) | Self::Declined | Self::NotRecorded(_) => Class::Unexpected,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Source(error) => error.help().map(|help| help.to_string()),
            Self::Server(error) | Self::ServerLate { source: error, .. } => error.help().map(|help| help.to_string()),
            Self::Partial { .. } | Self::Interrupted(..) => Some("run it again: it goes on where this run ended".to_owned()),
            Self::Guard(guards) => Some(guards.iter().map(Guard::help).collect::<Vec<_>>().join("; ")),
            Self::Lost => Some("run `diff` to see what is left to do".to_owned()),
            Self::Paused { was, .. } => Some(format!("go back to {was}, or start the watch anew; `--follow-branch` follows every change")),
            Self::Busy { .. } => Some("wait for it, or give more time with --lock-timeout".to_owned()),
            Self::Build(error) => error.help().map(|help| help.to_string()),
            Self::NotRecorded(_) => Some("`list` shows every application of the orchestrator".to_owned()),
            Self::Invalid(_) | Self::Usage(_) | Self::NotServed(_) | Self::Unexpected(_) | Self::Declined => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_applications_the_gravest_end_counts() {
        let partial = || Error::Partial { failed: 1, skipped: 0, planned: 1 };
        let errors = [partial(), Error::Guard(Vec::new()), Error::Invalid(Vec::new()), partial()];
        assert_eq!(gravest(errors.iter()).map(Error::class), Some(Class::Manifest));
        assert_eq!(gravest([partial(), Error::Lost].iter()).map(Error::class), Some(Class::Guard));
        assert!(gravest(std::iter::empty()).is_none());
    }
}
