//! When to look again, and whether a look is worth a run. Values in, values out.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Trigger;
use crate::error::Class;
use crate::fingerprint::Fingerprint;

/// The wait after the first failure; doubled up to the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// What is done about the live state that drifted while the source stood still.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnDrift {
    /// It is made equal again.
    #[default]
    Apply,
    /// It is told.
    Report,
}

/// What a look leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Make the namespace equal to the source.
    Sync,
    /// Say what drifted.
    Compare,
    /// Nothing: it would end as the last time.
    Nothing,
}

/// What the last run ended with.
#[derive(Debug, Clone, Default)]
pub struct Schedule {
    interval: Duration,
    on_drift: OnDrift,
    last: Option<Last>,
    failures: u32,
}

#[derive(Debug, Clone)]
struct Last {
    /// What the source was.
    seen: Option<Fingerprint>,
    /// How it failed.
    failed: Option<Class>,
}

impl Schedule {
    /// `interval` is the time between two looks when all is well.
    #[must_use]
    pub fn new(interval: Duration, on_drift: OnDrift) -> Self {
        Self { interval, on_drift, last: None, failures: 0 }
    }

    /// What to do about `triggers` now that the source is `seen`; none: what it is cannot be told.
    #[must_use]
    pub fn step(&self, triggers: &BTreeSet<Trigger>, seen: Option<Fingerprint>) -> Step {
        let Some(last) = &self.last else { return Step::Sync };
        let moved = seen.is_none() || last.seen != seen;
        let asked = triggers.contains(&Trigger::Asked);
        if moved || asked {
            return Step::Sync;
        }
        match last.failed {
            Some(class) if is_permanent(class) => Step::Nothing,
            Some(_) => Step::Sync,
            None if !triggers.contains(&Trigger::Poll) => Step::Nothing,
            None if self.on_drift == OnDrift::Report => Step::Compare,
            None => Step::Sync,
        }
    }

    /// Takes down how a run ended.
    pub fn ended(&mut self, seen: Option<Fingerprint>, failed: Option<Class>) {
        self.failures = if failed.is_some() { self.failures.saturating_add(1) } else { 0 };
        self.last = Some(Last { seen, failed });
    }

    /// Whether the last run failed.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.failures > 0
    }

    /// How long to wait for the next look by time; `dice` is in 0..1 and spreads the looks of many processes.
    #[must_use]
    pub fn wait(&self, dice: f64) -> Duration {
        match self.last.as_ref().and_then(|last| last.failed) {
            // What waits for somebody costs no more than what is well.
            Some(class) if is_permanent(class) || class == Class::Guard => self.jittered(dice),
            Some(_) => {
                let wait = FIRST_WAIT.saturating_mul(1 << self.failures.saturating_sub(1).min(16)).min(LONGEST_WAIT);
                wait.mul_f64(0.5 + dice / 2.0)
            }
            None => self.jittered(dice),
        }
    }

    fn jittered(&self, dice: f64) -> Duration {
        self.interval.mul_f64(0.9 + dice / 5.0)
    }
}

/// Nothing but another source ends it well. A guard is not among these: what lifts it may happen on the server.
fn is_permanent(class: Class) -> bool {
    match class {
        Class::Manifest | Class::Build | Class::Usage => true,
        Class::Unexpected
        | Class::Source
        | Class::Server
        | Class::Partial
        | Class::Guard
        | Class::Busy
        | Class::Interrupted
        | Class::Terminated => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLL: [Trigger; 1] = [Trigger::Poll];
    const FILES: [Trigger; 1] = [Trigger::Files];

    fn seen(content: &str) -> Fingerprint {
        Fingerprint::of_bytes(content.as_bytes())
    }

    fn schedule(on_drift: OnDrift, failed: Option<Class>) -> Schedule {
        let mut schedule = Schedule::new(Duration::from_mins(5), on_drift);
        assert_eq!(schedule.step(&BTreeSet::from(FILES), Some(seen("a"))), Step::Sync, "the first look is a run");
        schedule.ended(Some(seen("a")), failed);
        schedule
    }

    #[test]
    fn files_that_changed_back_are_no_reason_to_run() {
        let schedule = schedule(OnDrift::Apply, None);
        assert_eq!(schedule.step(&BTreeSet::from(FILES), Some(seen("a"))), Step::Nothing);
        assert_eq!(schedule.step(&BTreeSet::from(FILES), Some(seen("b"))), Step::Sync);
        assert_eq!(schedule.step(&BTreeSet::from(FILES), None), Step::Sync);
    }

    #[test]
    fn drift_is_mended_or_told_at_each_poll() {
        assert_eq!(schedule(OnDrift::Apply, None).step(&BTreeSet::from(POLL), Some(seen("a"))), Step::Sync);
        assert_eq!(schedule(OnDrift::Report, None).step(&BTreeSet::from(POLL), Some(seen("a"))), Step::Compare);
        assert_eq!(schedule(OnDrift::Report, None).step(&BTreeSet::from(POLL), Some(seen("b"))), Step::Sync);
    }

    #[test]
    fn what_only_another_source_can_mend_waits_for_one() {
        let schedule = schedule(OnDrift::Apply, Some(Class::Manifest));
        assert_eq!(schedule.step(&BTreeSet::from(POLL), Some(seen("a"))), Step::Nothing);
        assert_eq!(schedule.step(&BTreeSet::from(POLL), Some(seen("b"))), Step::Sync);
        assert_eq!(schedule.step(&BTreeSet::from([Trigger::Asked]), Some(seen("a"))), Step::Sync);
    }

    #[test]
    fn a_guard_is_asked_about_again_at_the_usual_pace() {
        let schedule = schedule(OnDrift::Apply, Some(Class::Guard));
        assert_eq!(schedule.step(&BTreeSet::from(POLL), Some(seen("a"))), Step::Sync);
        assert!(schedule.wait(0.0) >= Duration::from_mins(4));
    }

    #[test]
    fn failures_wait_longer_and_longer_up_to_a_cap_and_good_news_resets_it() {
        let mut schedule = schedule(OnDrift::Apply, Some(Class::Server));
        let mut waits = vec![schedule.wait(1.0)];
        for _ in 0..40 {
            schedule.ended(Some(seen("a")), Some(Class::Server));
            waits.push(schedule.wait(1.0));
        }
        assert_eq!(waits[0], FIRST_WAIT);
        assert!(waits.is_sorted() && waits[40] == LONGEST_WAIT, "{waits:?}");
        assert!(schedule.wait(0.0) < schedule.wait(0.9));
        schedule.ended(Some(seen("a")), None);
        schedule.ended(Some(seen("a")), Some(Class::Server));
        assert_eq!(schedule.wait(1.0), FIRST_WAIT);
    }
}
