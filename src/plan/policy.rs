//! What the user allows.

use std::borrow::Cow;

use thiserror::Error;

use crate::state::{Desired, Observed};

/// How much may be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteLimit {
    /// That many items.
    Count(u64),
    /// That share of what is live and ours or unowned, in percent.
    Percent(u64),
}

/// A text that is no limit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("give a number such as 20, or a share such as 30%")]
pub struct LimitError;

impl std::str::FromStr for DeleteLimit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        match text.strip_suffix('%') {
            Some(percent) => percent.parse().ok().filter(|share| *share <= 100).map(Self::Percent).ok_or(LimitError),
            None => text.parse().map(Self::Count).map_err(|_| LimitError),
        }
    }
}

/// Whether items of other applications may be seized.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TakeOver {
    /// Never.
    #[default]
    No,
    /// From whichever.
    Any,
    /// From the application of that name.
    From(String),
}

impl TakeOver {
    /// Whether items of `application` may be seized.
    #[must_use]
    pub fn allows(&self, application: &str) -> bool {
        match self {
            Self::No => false,
            Self::Any => true,
            Self::From(name) => name == application,
        }
    }
}

/// Which images are built anew although nothing they are built from changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Rebuild {
    /// None.
    #[default]
    No,
    /// Every one.
    All,
    /// That of the function of this path.
    Of(String),
}

impl Rebuild {
    /// Whether the image of the function at `path` is meant.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        match self {
            Self::No => false,
            Self::All => true,
            Self::Of(one) => one == path,
        }
    }
}

/// What is declared, with every image of the generation that the record says, or of the next one.
#[must_use]
pub fn at_generations<'a>(desired: &'a Desired, observed: &Observed, rebuild: &Rebuild) -> Cow<'a, Desired> {
    desired.at_generations(|key| {
        let recorded = observed.owned.get(key).map_or(0, |owned| owned.generation);
        if rebuild.covers(&key.name) { recorded.saturating_add(1) } else { recorded }
    })
}

/// Everything beside the two states that decides on a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// `--no-prune`: what is no longer declared stays.
    pub no_prune: bool,
    /// `--keep-unmanaged`: files that nobody recorded stay.
    pub keep_unmanaged: bool,
    /// `--max-delete`.
    pub max_delete: Option<DeleteLimit>,
    /// `--allow-empty`.
    pub allow_empty: bool,
    /// `--allow-older`.
    pub allow_older: bool,
    /// `--adopt`.
    pub adopt: bool,
    /// `--take-over`.
    pub take_over: TakeOver,
    /// `--rebind`.
    pub rebind: bool,
    /// The embedded orchestrator: nobody else's state is at stake.
    pub local: bool,
    /// Which repository and directory the source is.
    pub source: String,
    /// The commit of the source, also when the working tree differs from it.
    pub commit: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_number_or_a_share() {
        assert_eq!("20".parse(), Ok(DeleteLimit::Count(20)));
        assert_eq!("30%".parse(), Ok(DeleteLimit::Percent(30)));
        for bad in ["", "x", "-1", "101%", "1.5"] {
            assert_eq!(bad.parse::<DeleteLimit>(), Err(LimitError), "{bad}");
        }
    }
}
