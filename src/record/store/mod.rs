//! Records on the server: loading them, and holding a claim while a run writes.
//!
//! Only a listing proves that something is absent; a `GET` answers 404 for every error of the store (it has no other way to say it).

mod held;
mod load;
mod observer;
mod pace;
mod process;
mod settle;
mod unlock;

pub use held::{Held, HeldError};
pub use load::{Snapshot, Unreadable, everywhere, keys, load, load_own};
pub use observer::{Life, Observer};
pub use pace::{Lease, Pace};
pub use process::this_process;
pub use settle::{Before, Settled};
pub use unlock::unlock;
