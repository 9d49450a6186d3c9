//! The exit statuses: one table for the program, its man page and its help.

use std::process::ExitCode;

use crate::error::Class;

/// Only `diff --detailed-exitcode`: changes are pending.
pub(super) const PENDING: u8 = 2;

/// Class, status, meaning.
const TABLE: [(Class, u8, &str); 11] = [
    (Class::Unexpected, 1, "unexpected error"),
    (Class::Manifest, 3, "invalid manifest or content; nothing was sent"),
    (Class::Source, 4, "the source cannot be read; nothing was sent"),
    (Class::Server, 5, "the orchestrator is unreachable, refused, or is none; nothing was written"),
    (Class::Partial, 6, "some changes failed; the list says which, and a rerun converges"),
    (Class::Guard, 7, "a safety rule refused; nothing destructive was sent"),
    (Class::Build, 8, "an image cannot be built; nothing was sent"),
    (Class::Busy, 9, "another run holds the application"),
    (Class::Usage, 64, "wrong usage"),
    (Class::Interrupted, 130, "interrupted (SIGINT)"),
    (Class::Terminated, 143, "terminated (SIGTERM)"),
];

/// The status of a class.
pub(super) fn code(class: Class) -> ExitCode {
    ExitCode::from(number(class))
}

/// The status of a class as a number.
pub(super) fn number(class: Class) -> u8 {
    TABLE.iter().find(|(known, _, _)| *known == class).map_or(1, |(_, number, _)| *number)
}

/// The table as text for help and man pages.
pub(super) fn table() -> String {
    let mut lines = vec!["  0    done; nothing to do included".to_owned()];
    for (_, number, meaning) in TABLE {
        if number > PENDING && !lines.iter().any(|line| line.contains("--detailed-exitcode")) {
            lines.push(format!("  {PENDING:<4} changes are pending (only `diff --detailed-exitcode`)"));
        }
        lines.push(format!("  {number:<4} {meaning}"));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_status_of_its_own() {
        let mut numbers: Vec<u8> = TABLE.iter().map(|(_, number, _)| *number).collect();
        numbers.dedup();
        assert_eq!(numbers.len(), TABLE.len());
        assert!(!numbers.contains(&0) && !numbers.contains(&PENDING));
    }
}
