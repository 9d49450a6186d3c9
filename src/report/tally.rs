//! How many findings there are of each severity.

use std::ops::AddAssign;

use super::words;
use crate::manifest::{Finding, Severity};

/// Errors, warnings and hints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) errors: u64,
    pub(super) warnings: u64,
    pub(super) hints: u64,
}

impl Tally {
    pub(super) fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>, strict: bool) -> Self {
        let mut tally = Self::default();
        for finding in findings {
            match finding.severity(strict) {
                Severity::Error => tally.errors += 1,
                Severity::Warning => tally.warnings += 1,
                Severity::Hint => tally.hints += 1,
            }
        }
        tally
    }

    /// `2 errors, 1 warning`: what there is none of is left out.
    pub(super) fn words(self) -> String {
        let parts = [(self.errors, "error"), (self.warnings, "warning"), (self.hints, "hint")];
        let shown: Vec<String> = parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, noun)| words::count(count, noun)).collect();
        if shown.is_empty() { "no findings".to_owned() } else { shown.join(", ") }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.hints += other.hints;
    }
}
