//! The HTTP side of a watch process: the applications API, webhooks, health and metrics; and the client of that API.
//!
//! ```text
//! connection ─► server ─► who may ask? ─► handler ─► registry (what is wanted) ─► fleet: look again
//! ```
//! A request never syncs anything: it writes down what is wanted and wakes the watch, which reads it from there. What a client was told is on the disk.

mod applications;
mod body;
mod failure;
mod query;
mod routes;
mod server;
mod wire;

use std::sync::Arc;

use crate::registry::{Allowed, Registry};
use crate::watch::Fleet;

pub use routes::api;
pub use server::serve;

/// What handlers work with.
#[derive(Clone)]
pub struct Control(Arc<Inner>);

struct Inner {
    registry: Registry,
    fleet: Fleet,
    settings: Settings,
}

/// How the API is served.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Which repositories may be registered.
    pub allowed: Allowed,
}

impl Control {
    /// Over what is registered, and whoever keeps it.
    #[must_use]
    pub fn new(registry: Registry, fleet: Fleet, settings: Settings) -> Self {
        Self(Arc::new(Inner { registry, fleet, settings }))
    }

    fn registry(&self) -> &Registry {
        &self.0.registry
    }

    fn fleet(&self) -> &Fleet {
        &self.0.fleet
    }
}
