//! The HTTP side of a watch process: the applications API, webhooks, health and metrics; and the client of that API.
//!
//! ```text
//! connection ─► server ─► who may ask? ─► handler ─► registry (what is wanted) ─► fleet: look again
//! ```
//! A request never syncs anything: it writes down what is wanted and wakes the watch, which reads it from there. What a client was told is on the disk.

mod access;
mod applications;
mod body;
mod budget;
mod client;
mod failure;
mod named;
mod operations;
mod pushes;
mod query;
mod routes;
mod server;
mod signature;
mod tokens;
mod webhooks;
mod wire;

use std::sync::Arc;

use crate::registry::{Allowed, Registry};
use crate::watch::Fleet;

pub use client::{Client, ClientError};
pub use routes::api;
pub use server::serve;
pub use tokens::{SecretFileError, Secrets, Tokens};
pub use webhooks::webhooks;

use budget::Budget;
use operations::Counters;

/// What handlers work with.
#[derive(Clone)]
pub struct Control(Arc<Inner>);

struct Inner {
    registry: Registry,
    fleet: Fleet,
    settings: Settings,
    budget: Budget,
    counters: Counters,
}

/// How the API is served.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Which repositories may be registered.
    pub allowed: Allowed,
    /// Who may ask; without them, programs of this machine.
    pub tokens: Option<Tokens>,
    /// What webhooks are signed with; without them there are none.
    pub secrets: Option<Secrets>,
}

impl Control {
    /// Over what is registered, and whoever keeps it.
    #[must_use]
    pub fn new(registry: Registry, fleet: Fleet, settings: Settings) -> Self {
        Self(Arc::new(Inner { registry, fleet, settings, budget: Budget::default(), counters: Counters::default() }))
    }

    fn registry(&self) -> &Registry {
        &self.0.registry
    }

    fn fleet(&self) -> &Fleet {
        &self.0.fleet
    }
}
