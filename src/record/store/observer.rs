//! Which claims are alive.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::super::{Claim, Phase};
use super::process::is_gone;

/// A counter that has not moved for this long, on the clock of who looks at it, belongs to a dead run. Six times the renewal.
const DEAD_AFTER: Duration = Duration::from_secs(60);

/// Remembers when each claim's counter was last seen to move. Clocks of other machines play no part.
#[derive(Debug, Default)]
pub struct Observer {
    seen: HashMap<String, (u64, Instant)>,
}

impl Observer {
    /// Whether the claim under `key` is dead, as far as can be told at `now`.
    pub fn is_dead(&mut self, key: &str, claim: &Claim, now: Instant) -> bool {
        if claim.phase == Phase::Dead || is_gone(&claim.holder) {
            return true;
        }
        let seen = self.seen.entry(key.to_owned()).or_insert((claim.counter, now));
        if seen.0 != claim.counter {
            *seen = (claim.counter, now);
        }
        now.duration_since(seen.1) >= DEAD_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Holder;
    use super::super::this_process;
    use super::*;

    #[test]
    fn a_claim_dies_when_its_counter_stands_still_on_our_clock() {
        let holder = Holder { boot: "elsewhere".to_owned(), ..this_process() };
        let claim = |counter| Claim {
            namespace: "ns".to_owned(),
            name: "app".to_owned(),
            holder: holder.clone(),
            phase: Phase::Applying,
            shards: Vec::new(),
            counter,
        };
        let (mut observer, start) = (Observer::default(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        assert!(!observer.is_dead("k", &claim(1), start));
        assert!(!observer.is_dead("k", &claim(1), after(59)));
        assert!(!observer.is_dead("k", &claim(2), after(70)), "it moved");
        assert!(!observer.is_dead("k", &claim(2), after(129)));
        assert!(observer.is_dead("k", &claim(2), after(130)));
        assert!(observer.is_dead("other", &Claim { phase: Phase::Dead, ..claim(1) }, start));
    }
}
