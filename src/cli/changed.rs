//! `validate --changed-since`: only what a change is to blame for.
//!
//! Everything is looked at, since a change may break what lies elsewhere. Then what is wrong in unchanged files, and was as wrong in the commit that the
//! change began at, is left out.

use std::path::PathBuf;

use super::validate::check_together;
use crate::files::TreePath;
use crate::pipeline;
use crate::report::Check;
use crate::source::{self, Changes, Source, SourceError};

/// Checks every source, and compares with what `reference` had.
pub(super) fn check(sources: Vec<Result<Source, SourceError>>, reference: &str, git: &source::Options, strict: bool) -> Vec<Check> {
    let mut known = Known::default();
    let (mut now, mut before, mut compared) = (Vec::new(), Vec::new(), Vec::new());
    for source in sources {
        match source.and_then(|source| Ok((known.since(&source, reference)?, source))) {
            Ok((changes, source)) => {
                compared.push((now.len(), changes.clone()));
                before.push(source.before(&changes, git));
                now.push(Ok(source));
            }
            Err(error) => now.push(Err(error)),
        }
    }
    let mut checks = check_together(now, strict);
    let may_be_older =
        |(position, changes): &(usize, Changes)| checks[*position].findings.iter().any(|finding| !changes.has(&finding.file));
    if !compared.iter().any(may_be_older) {
        return checks;
    }
    for ((position, changes), before) in compared.into_iter().zip(check_together(before, strict)) {
        let check = &mut checks[position];
        let older = pipeline::older(&check.findings, |finding| changes.has(&finding.file), &before.findings);
        check.older = older.iter().filter(|older| **older).count();
        keep(&mut check.findings, &older);
        keep(&mut check.files, &older);
    }
    checks
}

fn keep<T>(list: &mut Vec<T>, older: &[bool]) {
    let mut older = older.iter();
    list.retain(|_| !older.next().copied().unwrap_or_default());
}

/// The changes of each working tree: many manifests may lie in one.
#[derive(Default)]
struct Known(Vec<(PathBuf, Changes)>);

impl Known {
    fn since(&mut self, source: &Source, reference: &str) -> Result<Changes, SourceError> {
        let root = source.on_disk(&TreePath::root());
        if let Some((_, changes)) = self.0.iter().find(|(other, _)| Some(other) == root.as_ref()) {
            return Ok(changes.clone());
        }
        let changes = source.changed_since(reference)?;
        self.0.extend(root.map(|root| (root, changes.clone())));
        Ok(changes)
    }
}
