//! Many cases of one kind: side by side, by a fixed seed, and more of them when somebody asks.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Cases at once. Most of the time of a case is spent in other processes.
const AT_ONCE: usize = 3;

/// Runs `case` for every one of `cases`; the first that fails ends the test with its own message.
pub(crate) fn each<T: Sync>(cases: &[T], case: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(one) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if thread::panicking() {
                        return;
                    }
                    case(one);
                }
            });
        }
    });
}

/// How many cases: what the environment says, or `usual`.
pub(crate) fn scale(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is not a number: {text}")))
}

/// Numbers that look random and are the same in every run: a xorshift.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d)
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    pub(crate) fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }
}
