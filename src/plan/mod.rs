//! The plan: what a sync will do, and why, as a value.
//!
//! [`compute`] is pure, total and deterministic: two values and a policy in, an ordered list of changes and the guards it trips out. Apply
//! executes the list and decides nothing again.

mod blockers;
mod change;
mod compute;
mod directories;
mod entries;
mod guard;
mod judge;
mod policy;
#[cfg(test)]
mod tests;

pub use change::{Action, Change, CodeChange, Phase, Plan, Summary};
pub use compute::compute;
pub use entries::{ItemOutcome, after, expected};
pub use guard::Guard;
pub use policy::{DeleteLimit, Policy, Rebuild, TakeOver, at_generations};
