//! Where branches are now, asked of each repository once for all who want to know at the same time.
//!
//! An answer counts for whoever was rung before it was asked for: what rang them was there by then. Each host has few places, so that one that hangs
//! keeps nobody waiting but who wants something of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::{Mutex as Turn, OwnedSemaphorePermit, Semaphore};

use super::counters::Counters;
use crate::source::{Location, Options, RemoteHead, SourceError, remote_head};

/// So many connections are made to one host at a time.
const PLACES: usize = 4;

/// What is asked for: the repository and branch, and with which credential.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Question {
    /// The same for all URLs of a repository.
    pub(super) repository: String,
    pub(super) url: String,
    pub(super) branch: Option<String>,
    /// Changes with the credential, and does not show it.
    pub(super) credential: String,
}

#[derive(Debug, Clone)]
struct Answer {
    asked: Instant,
    head: Result<Option<RemoteHead>, SourceError>,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Heads {
    answers: Mutex<HashMap<Question, Arc<Turn<Option<Answer>>>>>,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Heads {
    /// Where the branch was at `since` or later.
    pub(super) async fn at(
        &self,
        question: Question,
        since: Instant,
        location: &Location,
        options: &Options,
        counters: &Counters,
    ) -> Result<Option<RemoteHead>, SourceError> {
        let turn = Arc::clone(self.answers.lock().unwrap_or_else(PoisonError::into_inner).entry(question).or_default());
        let mut answer = turn.lock().await;
        if let Some(known) = answer.as_ref().filter(|known| known.asked >= since) {
            return known.head.clone();
        }
        let place = self.place(location).await;
        let asked = Instant::now();
        counters.question();
        let (location, options) = (location.clone(), options.clone());
        let head = tokio::task::spawn_blocking(move || remote_head(&location, &options)).await;
        drop(place);
        let head = head.unwrap_or_else(|panicked| Err(SourceError::Libgit2(panicked.to_string())));
        *answer = Some(Answer { asked, head: head.clone() });
        head
    }

    /// A place at the host, given back when it is dropped.
    pub(super) async fn place(&self, location: &Location) -> Option<OwnedSemaphorePermit> {
        let Location::Remote(remote) = location else { return None };
        let host = remote.host().to_ascii_lowercase();
        let places = {
            let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(hosts.entry(host).or_insert_with(|| Arc::new(Semaphore::new(PLACES))))
        };
        places.acquire_owned().await.ok()
    }

    /// Forgets a repository that nobody asks about any more.
    pub(super) fn forget(&self, repository: &str) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).retain(|question, _| question.repository != repository);
    }
}
