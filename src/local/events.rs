//! What happens on a server, for those who watch: calls, and changes of what is deployed. The last of each are kept in memory.
//!
//! Writes that follow each other closely are one change: a sync, seen from here. Each change has a number, so that a page that was loaded before a
//! change, or lost its connection over it, learns that it is old.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tokio::time::{Instant, sleep_until};

/// A change is over when nothing was written for this long.
const QUIET: Duration = Duration::from_millis(100);
/// How many calls and how many changes are kept.
const KEPT: usize = 50;
/// How many a watcher may be behind before it misses some.
const QUEUED: usize = 256;
/// What is kept of a text that a function printed.
const PRINTED: usize = 16 << 10;

/// A function was called.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Call {
    /// When it ended, RFC 3339.
    pub at: String,
    /// The request's method.
    pub method: String,
    /// The request's path and query.
    pub target: String,
    /// The function's namespace and path.
    pub function: String,
    /// Its runtime, as it was deployed.
    pub runtime: String,
    /// The status that the function meant, or the one that an error was answered with.
    pub status: u16,
    /// How long it took.
    pub milliseconds: f64,
    /// What it printed.
    pub printed: String,
    /// What went wrong.
    pub error: Option<String>,
}

/// Functions or files were written or removed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Change {
    /// Counts up, also over restarts.
    pub number: u64,
    /// When it was over, RFC 3339.
    pub at: String,
    /// How much of what changed, by namespace.
    pub namespaces: BTreeMap<String, Counts>,
}

/// How much of a namespace changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Functions that were deployed or deleted.
    pub functions: usize,
    /// Files that were written or deleted.
    pub files: usize,
}

/// Something that watchers are told.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Happened {
    /// A function was called.
    Call(Call),
    /// Something else is deployed now.
    Change(Change),
    /// A key-value pair was written or removed.
    Stored {
        /// Its namespace.
        namespace: String,
    },
}

/// What of a namespace was written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Written {
    Function,
    File,
    Pair,
}

/// What happened on one server.
pub(super) struct Events(Mutex<State>);

struct State {
    calls: VecDeque<Call>,
    changes: VecDeque<Change>,
    /// What was written since the last change, and when last.
    open: Option<(BTreeMap<String, Counts>, Instant)>,
    number: u64,
    /// None once the server stops.
    watchers: Option<broadcast::Sender<Happened>>,
}

impl Events {
    pub(super) fn new() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let number = u64::try_from(since.as_millis()).unwrap_or_default();
        let watchers = Some(broadcast::channel(QUEUED).0);
        Self(Mutex::new(State { calls: VecDeque::new(), changes: VecDeque::new(), open: None, number, watchers }))
    }

    /// The number of the last change.
    pub(super) fn number(&self) -> u64 {
        self.state().number
    }

    /// The last calls and changes, the newest first.
    pub(super) fn last(&self) -> (Vec<Call>, Vec<Change>) {
        let state = self.state();
        (state.calls.iter().rev().cloned().collect(), state.changes.iter().rev().cloned().collect())
    }

    /// What happens from now on, until the server stops.
    pub(super) fn watch(&self) -> Option<broadcast::Receiver<Happened>> {
        self.state().watchers.as_ref().map(broadcast::Sender::subscribe)
    }

    /// Lets go of everybody who watches.
    pub(super) fn close(&self) {
        self.state().watchers = None;
    }

    pub(super) fn called(&self, mut call: Call) {
        shorten(&mut call.printed);
        if let Some(error) = &mut call.error {
            shorten(error);
        }
        let mut state = self.state();
        keep(&mut state.calls, call.clone());
        state.tell(Happened::Call(call));
    }

    /// Something was written. Watchers hear of a pair at once, and of all else as a change when nothing follows it soon: pages that write pairs would
    /// never come to rest if that loaded them again.
    pub(super) fn wrote(self: &Arc<Self>, namespace: &[u8], what: Written) {
        let namespace = String::from_utf8_lossy(namespace).into_owned();
        let mut state = self.state();
        let count: fn(&mut Counts) -> &mut usize = match what {
            Written::Function => |counts| &mut counts.functions,
            Written::File => |counts| &mut counts.files,
            Written::Pair => return state.tell(Happened::Stored { namespace }),
        };
        let is_first = state.open.is_none();
        let (namespaces, last) = state.open.get_or_insert_with(|| (BTreeMap::new(), Instant::now()));
        *last = Instant::now();
        *count(namespaces.entry(namespace).or_default()) += 1;
        if is_first {
            tokio::spawn(Arc::clone(self).settle());
        }
    }

    async fn settle(self: Arc<Self>) {
        loop {
            let quiet_at = match &self.state().open {
                Some((_, last)) => *last + QUIET,
                None => return,
            };
            if quiet_at <= Instant::now() {
                break;
            }
            sleep_until(quiet_at).await;
        }
        let mut state = self.state();
        let Some((namespaces, _)) = state.open.take() else { return };
        state.number += 1;
        let change = Change { number: state.number, at: super::deploy::now(), namespaces };
        keep(&mut state.changes, change.clone());
        state.tell(Happened::Change(change));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tell(&self, happened: Happened) {
        if let Some(watchers) = &self.watchers {
            // Nobody watches: fine.
            let _ = watchers.send(happened);
        }
    }
}

fn keep<T>(queue: &mut VecDeque<T>, newest: T) {
    if queue.len() == KEPT {
        queue.pop_front();
    }
    queue.push_back(newest);
}

fn shorten(text: &mut String) {
    if text.len() > PRINTED {
        let end = (0..=PRINTED).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        text.truncate(end);
        text.push('…');
    }
}
