//! The record: what an application placed, kept on the orchestrator itself.
//!
//! The server has no compare-and-set, so the record is made of values that are only ever put whole under keys of their own and deleted:
//!
//! - **shards** `s.<ns>.<app>.<digest>`: entries, immutable, named by their content;
//! - **heads** `m.<ns>.<app>.h.<run>`: the state a run left behind, naming its shards and the heads and claims it resolved (its parents);
//! - **claims** `m.<ns>.<app>.r.<run>`: a run at work. It is the lock and the write-ahead record in one: it names the shards the run intends.
//!
//! What an application owns is the union of its heads and claims. A head named as a parent is superseded. Where two of them disagree about the
//! content of an item, the content is unknown. So whatever a crash leaves behind is a superset of what is there, and one more run resolves it.
//!
//! Everything here is a pure value; the `store` file alone talks to the server.

mod claim;
mod entry;
mod envelope;
mod head;
mod names;
mod ownership;
mod shard;
pub mod store;

pub use claim::{Claim, Holder, Phase};
pub use entry::Entry;
pub use envelope::RecordError;
pub use head::{Counts, Head, Hold, Outcome, Run};
pub use names::{AppKey, RunId};
pub use ownership::{AppRecord, Owned, Ownership};
pub use shard::{MAX_SHARD, Shard, split};

/// The key-value namespace that holds the records of all namespaces: one, since each costs the server 2 GiB of address space.
pub const RECORD_NAMESPACE: &str = "zerverless-gitops";
/// The format that this version writes; a newer one is refused.
pub const FORMAT: u32 = 1;
