//! The promises about runs that are killed, cut off, or not alone, tried at every place where they could break.
//!
//! Every case is a run of the real program against a real server through a proxy that stands still, breaks or orders what passes.

mod faults;
mod inside;
mod kills;
mod model;
mod orders;
mod silence;
mod turns;
mod writers;

use crate::support::{Orchestrator, Proxy, World};

/// What must hold after a run that said it succeeded: exactly what is declared is live, and the record is one head with its shards.
#[track_caller]
fn converged(server: &Orchestrator, namespace: &str, declared: &World, proxy: &Proxy, case: &str) {
    assert_eq!(&World::live(server, namespace), declared, "{case}");
    let record = server.record(proxy);
    assert!(record.starts_with('h') && record[1..].chars().all(|part| part == 's'), "{case}: the record is `{record}`");
}
