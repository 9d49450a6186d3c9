//! Records on the server: loading them, and holding a claim while a run writes.
//!
//! Only a listing proves that something is absent; a `GET` answers 404 for every error of the store (server.md tV3).

mod held;
mod load;
mod observer;
mod process;

pub use held::{Held, HeldError, Settled};
pub use load::{Snapshot, Unreadable, keys, load};
pub use observer::Observer;
pub use process::this_process;
