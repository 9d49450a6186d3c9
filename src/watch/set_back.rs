//! A commit that is older than the newest applied one is not applied at once: a mirror that is behind looks the same. When the branch stays there for an
//! interval, somebody has set it back.

use std::time::{Duration, Instant};

use crate::error::Error;
use crate::pipeline::Run;
use crate::plan::Guard;

/// The commit that was refused as older, and since when the branch is there.
#[derive(Debug, Default)]
pub(super) struct SetBack(Option<(String, Instant)>);

impl SetBack {
    /// Whether the branch, which is at `head`, has stayed there for `interval`.
    pub(super) fn persists(&self, head: Option<&str>, interval: Duration) -> bool {
        self.0.as_ref().is_some_and(|(commit, since)| Some(commit.as_str()) == head && since.elapsed() >= interval)
    }

    /// Takes down how the run of `head` ended.
    pub(super) fn learn(&mut self, run: &Run, head: Option<&str>) {
        let refused = match &run.error {
            Some(Error::Guard(guards)) => guards.iter().all(|guard| matches!(guard, Guard::Older { .. })),
            _ => false,
        };
        let known = self.0.take().filter(|(known, _)| Some(known.as_str()) == head);
        self.0 = head.filter(|_| refused).map(|head| known.unwrap_or_else(|| (head.to_owned(), Instant::now())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(guards: Option<Vec<Guard>>) -> Run {
        Run { error: guards.map(Error::Guard), ..Run::default() }
    }

    fn older() -> Vec<Guard> {
        vec![Guard::Older { commit: "a".to_owned(), newest: "b".to_owned() }]
    }

    #[test]
    fn only_a_branch_that_stays_where_it_was_refused_was_set_back() {
        let mut set_back = SetBack::default();
        let at_once = Duration::ZERO;
        assert!(!set_back.persists(Some("a"), at_once));
        set_back.learn(&run(Some(older())), Some("a"));
        assert!(set_back.persists(Some("a"), at_once) && !set_back.persists(Some("a"), Duration::from_secs(3600)));
        assert!(!set_back.persists(Some("b"), at_once) && !set_back.persists(None, at_once));
        // It moved meanwhile, or something else was wrong as well.
        set_back.learn(&run(None), Some("a"));
        assert!(!set_back.persists(Some("a"), at_once));
        let mut more = older();
        more.push(Guard::Held { reason: String::new(), actor: String::new(), at: String::new() });
        set_back.learn(&run(Some(more)), Some("a"));
        assert!(!set_back.persists(Some("a"), at_once));
    }
}
