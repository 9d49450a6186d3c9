//! Which claims are alive.

use std::collections::HashMap;
use std::time::Instant;

use super::super::{Claim, Phase};
use super::Pace;
use super::process::is_gone;

/// What is known of the run behind a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It may go on at any time.
    Alive,
    /// It has not been heard of for so long that others go on without it. It may only have been stopped, and write once more when it wakes up.
    Silent,
    /// It is surely over.
    Gone,
}

/// Remembers when each claim's counter was last seen to move. Clocks of other machines play no part.
#[derive(Debug)]
pub struct Observer {
    pace: Pace,
    seen: HashMap<String, (u64, Instant)>,
}

impl Observer {
    /// One that has seen nothing yet.
    #[must_use]
    pub fn new(pace: Pace) -> Self {
        Self { pace, seen: HashMap::new() }
    }

    /// What can be told at `now` of the claim under `key`.
    pub fn life(&mut self, key: &str, claim: &Claim, now: Instant) -> Life {
        if claim.counter == Claim::OVER || is_gone(&claim.holder) {
            return Life::Gone;
        }
        if claim.phase == Phase::Dead {
            return Life::Silent;
        }
        let seen = self.seen.entry(key.to_owned()).or_insert((claim.counter, now));
        if seen.0 != claim.counter {
            *seen = (claim.counter, now);
        }
        if now.duration_since(seen.1) >= self.pace.dead_after { Life::Silent } else { Life::Alive }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::super::Holder;
    use super::super::this_process;
    use super::*;

    #[test]
    fn a_claim_falls_silent_when_its_counter_stands_still_on_our_clock() {
        let holder = Holder { boot: "elsewhere".to_owned(), ..this_process() };
        let claim = |counter| Claim {
            namespace: "ns".to_owned(),
            name: "app".to_owned(),
            holder: holder.clone(),
            phase: Phase::Applying,
            shards: Vec::new(),
            counter,
        };
        let (mut observer, start) = (Observer::new(Pace::default()), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(observer.life("k", &claim(1), start), Life::Alive);
        assert_eq!(observer.life("k", &claim(1), after(59)), Life::Alive);
        assert_eq!(observer.life("k", &claim(2), after(70)), Life::Alive, "it moved");
        assert_eq!(observer.life("k", &claim(2), after(129)), Life::Alive);
        assert_eq!(observer.life("k", &claim(2), after(130)), Life::Silent);
        assert_eq!(observer.life("unlocked", &Claim { phase: Phase::Dead, ..claim(1) }, start), Life::Silent);
        assert_eq!(observer.life("buried", &Claim { phase: Phase::Dead, ..claim(Claim::OVER) }, start), Life::Gone);
    }
}
