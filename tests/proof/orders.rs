//! Two runs of one application, their requests in every order.
//!
//! A search over whose request passes next, along the real program and a real server. Two rules keep it finite, and neither leaves anything out. Orders
//! that only swap requests which do not touch each other are one order: what was tried first sleeps in the branches beside it until something that
//! touches it wakes it up (sleep sets). And a place that was reached before is not gone on from again: two places are one when both runs saw the same
//! writes by all that they read, and the same writes are on the server.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use zerverless_gitops::pipeline::{Options, Pace};
use zerverless_gitops::plan::Policy;

use super::converged;
use super::inside::{Started, directory, options, told};
use super::turns::Walker;
use crate::support::{App, Checkout, Orchestrator, Outcome, Proxy, Request, World, fresh_namespace, scale};

/// One of the two runs.
type Side = usize;

/// Searches that run side by side.
const WORKERS: usize = 3;
/// What a run saw under one key.
const VALUE: &str = "value ";
/// So often a place is looked for again.
const TRIES: usize = 100;

/// A thing on the server that one of the two runs wrote, or read alone.
struct Cell {
    /// The same in every search: the names of the record's keys are random.
    name: String,
    last: String,
    was_there: bool,
    is_there: bool,
}

/// What was written since the two began, by the addresses of things.
struct Store<'a> {
    cells: BTreeMap<String, Cell>,
    base: &'a World,
}

impl Store<'_> {
    /// What is at an address; `name` is how it is called when it is new.
    fn cell(&mut self, target: &str, is_new: bool, name: String) -> &mut Cell {
        let was_there = self.was_there(target, is_new);
        self.cells.entry(target.to_owned()).or_insert_with(|| {
            let is_there = was_there;
            Cell { name: if is_there { kind(target) } else { name }, last: "base".to_owned(), was_there: is_there, is_there }
        })
    }

    /// Whether something was there before the two began; of a key of the record its first request tells.
    fn was_there(&self, target: &str, is_new: bool) -> bool {
        if target.starts_with("/api/db/") { !is_new } else { self.base.content(&item(target)).is_some() }
    }

    fn is_there(&self, request: &Request) -> bool {
        let unknown = || self.was_there(&request.target, request.method == "PUT");
        self.cells.get(&request.target).map_or_else(unknown, |cell| cell.is_there)
    }

    /// What of the writes a read shows.
    fn shown(&self, target: &str) -> String {
        let mut shown = String::new();
        for (_, cell) in self.cells.iter().filter(|(address, _)| listing(target).is_some_and(|prefix| address.starts_with(&prefix))) {
            if target == "/api/deploy" {
                let _ = write!(shown, "{}={} {},", cell.name, cell.last, cell.is_there);
            } else if cell.is_there != cell.was_there {
                let _ = write!(shown, "{},", cell.name);
            }
        }
        if let Some(cell) = self.cells.get(target) {
            let _ = write!(shown, "{}={} {}", cell.name, cell.last, cell.is_there);
        }
        shown
    }

    /// Whether two requests of two runs give another result in the other order.
    fn touch(&self, one: &Request, other: &Request) -> bool {
        match (one.is_write(), other.is_write()) {
            (false, false) => false,
            (true, true) => one.target == other.target,
            (true, false) => self.is_seen(one, &other.target),
            (false, true) => self.is_seen(other, &one.target),
        }
    }

    fn is_seen(&self, write: &Request, read: &str) -> bool {
        let Some(prefix) = listing(read) else { return write.target == read };
        // Only the listing of functions shows more than names.
        let changes = prefix == "/api/deploy/" || self.is_there(write) != (write.method == "PUT");
        write.target.starts_with(&prefix) && changes
    }
}

/// What the addresses start with of all that a listing shows.
fn listing(target: &str) -> Option<String> {
    match target.split_once("?prefix=") {
        _ if target == "/api/deploy" => Some("/api/deploy/".to_owned()),
        Some((path, prefix)) => Some(format!("{path}{prefix}")),
        None => (target.starts_with("/api/storage/") && target.ends_with('/')).then(|| target.to_owned()),
    }
}

/// The name of something that was there at first: there is one head and one shard.
fn kind(target: &str) -> String {
    match target.strip_prefix("/api/db/") {
        Some(key) => key.split('.').filter(|part| part.len() == 1).collect(),
        None => item(target),
    }
}

/// A function's path or a file's name.
fn item(target: &str) -> String {
    let mut parts = target.splitn(5, '/').skip(2);
    let (kind, name) = (parts.next().unwrap_or_default(), parts.nth(1).unwrap_or_default());
    if kind == "deploy" { format!("/{name}") } else { name.to_owned() }
}

/// The two runs at work.
struct Pair<'a> {
    search: &'a Search,
    server: &'a Orchestrator,
    namespace: String,
    runs: [Option<Walker>; 2],
    ended: [Option<Outcome>; 2],
    /// What each of them saw.
    seen: [Vec<String>; 2],
    writes: [usize; 2],
    store: Store<'a>,
    trace: String,
}

impl<'a> Pair<'a> {
    fn begin(search: &'a Search, server: &'a Orchestrator) -> Self {
        let namespace = fresh_namespace();
        let at = |pace: Pace, source: &Checkout| {
            let namespace = namespace.clone();
            let policy = Policy { allow_older: true, rebind: true, ..Policy::default() };
            (directory(source.path("")), move |url: &str| Options {
                lock_timeout: Duration::ZERO,
                ..options(url, Some(&namespace), pace, policy)
            })
        };
        if let Some(base) = &search.staged {
            let (source, to) = at(Pace::default(), base);
            let first = Started::sync(source, to(server.url())).finish();
            assert!(first.error.is_none(), "{:?}", first.error);
        }
        let runs = [0, 1].map(|side: Side| {
            let (source, to) = at(search.paces[side], &search.sources[side]);
            Some(Walker::sync(server, source, to))
        });
        let store = Store { cells: BTreeMap::new(), base: &search.base };
        let (ended, seen, writes) = ([None, None], [Vec::new(), Vec::new()], [0, 0]);
        Self { search, server, namespace, runs, ended, seen, writes, store, trace: String::new() }
    }

    /// What a run waits with; none when it is over.
    fn waiting(&mut self, side: Side) -> Option<Request> {
        let request = self.runs[side].as_ref()?.waiting();
        if request.is_none() {
            self.ended[side] = self.runs[side].take().map(|run| told(run.end(), if side == 0 { "the first" } else { "the second" }));
            self.seen[side] = vec![format!("ended with {}", self.ended[side].as_ref().map_or(0, |run| run.status))];
        }
        request
    }

    fn step(&mut self, side: Side) {
        let request = self.waiting(side).expect("it is not over");
        let _ = writeln!(self.trace, "    {side} {}", request.line());
        let is_there = self.store.is_there(&request);
        if request.is_write() {
            let write = format!("{side}.{}", self.writes[side]);
            self.writes[side] += 1;
            let cell = self.store.cell(&request.target, request.method != "DELETE", write.clone());
            (cell.last, cell.is_there) = (write, request.method != "DELETE");
            self.seen[side].push(is_there.to_string());
        } else if listing(&request.target).is_some() || !request.target.starts_with("/api/db/") {
            self.seen[side].push(self.store.shown(&request.target));
        } else {
            self.store.cell(&request.target, false, String::new());
            // Values are read many at once, in the order of their names, which are random.
            let seen = &mut self.seen[side];
            seen.push(format!("{VALUE}{}", self.store.shown(&request.target)));
            let from = seen.iter().rposition(|line| !line.starts_with(VALUE)).map_or(0, |last| last + 1);
            seen[from..].sort();
        }
        self.runs[side].as_ref().expect("it waits").step();
        self.waiting(side);
    }

    /// The place that was reached.
    fn place(&self) -> String {
        let held = self.store.cells.values().filter(|cell| cell.last != "base");
        let held: Vec<String> = held.map(|cell| format!("{}={} {}", cell.name, cell.last, cell.is_there)).collect();
        format!("{held:?} {:?} {:?}", self.seen[0], self.seen[1])
    }

    fn abort(self) {
        for run in self.runs.into_iter().flatten() {
            run.abort();
        }
        clear(self.server, &self.namespace);
    }

    /// Both are over: what must hold.
    fn judge(mut self) {
        let ended = self.ended.each_mut().map(|ended| ended.take().expect("it is over"));
        let case = format!("in this order:\n{}\n{}\n{}", self.trace, ended[0], ended[1]);
        (self.search.judge)(self.search, &World::live(self.server, &self.namespace), [ended[0].status, ended[1].status], &case);
        let proxy = Proxy::before(self.server);
        let policy = Policy { allow_older: true, rebind: true, ..Policy::default() };
        let last = options(proxy.url(), Some(&self.namespace), Pace { dead_after: Duration::ZERO, ..Pace::default() }, policy);
        let last = told(Started::sync(directory(self.search.sources[1].path("")), last).finish(), "the rerun");
        assert_eq!(last.status, 0, "{last} {case}");
        converged(self.server, &self.namespace, &self.search.worlds[1], &proxy, &case);
        clear(self.server, &self.namespace);
    }
}

/// A listing shows the functions of all namespaces: what is looked at no more makes it no longer.
fn clear(server: &Orchestrator, namespace: &str) {
    for path in server.functions_of(namespace).keys() {
        server.send("DELETE", &format!("/api/deploy/{namespace}{path}"), b"");
    }
}

/// A way to a place from which a search goes on, and who sleeps there.
#[derive(Default)]
struct Branch {
    choices: Vec<Side>,
    /// The place before the last choice.
    place: String,
    asleep: Option<Side>,
    tries: usize,
}

#[derive(Default)]
struct Progress {
    open: Vec<Branch>,
    at_work: usize,
    /// Who slept whenever a place was reached.
    places: HashMap<String, Option<Side>>,
    orders: usize,
    tries: usize,
}

/// What must hold in the end: by what is live and by how the two ended.
type Judge = fn(&Search, &World, [i32; 2], &str);

struct Search {
    /// What was synced before, if anything.
    base: World,
    staged: Option<Checkout>,
    worlds: [World; 2],
    sources: [Checkout; 2],
    paces: [Pace; 2],
    judge: Judge,
    progress: Mutex<Progress>,
    changed: Condvar,
}

impl Search {
    fn of([base, one, two]: [World; 3], paces: [Pace; 2], judge: Judge) -> Self {
        let create = |world: &World| world.create(App::of("somewhere"));
        let (staged, worlds) = ((base != World::default()).then(|| create(&base)), [one, two]);
        let progress = Progress { open: vec![Branch::default()], ..Progress::default() };
        let sources = worlds.each_ref().map(create);
        Self { base, staged, worlds, sources, paces, judge, progress: Mutex::new(progress), changed: Condvar::new() }
    }

    /// Tries every order, or as many as there are in `most` tries.
    #[expect(clippy::print_stderr, reason = "how much was tried is worth knowing")]
    fn all(&self, most: usize) {
        std::thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| {
                    let server = Orchestrator::start();
                    while let Some(branch) = self.next(most) {
                        // Whoever waits for more goes when this one fails.
                        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.go(&server, branch)));
                        self.with(|progress| progress.at_work -= 1);
                        if let Err(failed) = done {
                            self.with(|progress| progress.open.clear());
                            std::panic::resume_unwind(failed);
                        }
                    }
                });
            }
        });
        self.with(|progress| {
            let Progress { orders, places, tries, .. } = progress;
            let told = format!("{orders} orders through {} places in {tries} tries", places.len());
            assert!(*orders > most.min(1000) / 20 && places.len() > *orders, "that is not all: {told}");
            eprintln!("{told}");
        });
    }

    fn with<T>(&self, what: impl FnOnce(&mut Progress) -> T) -> T {
        let told = what(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
        told
    }

    fn next(&self, most: usize) -> Option<Branch> {
        let progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = |progress: &mut Progress| progress.open.is_empty() && progress.at_work > 0;
        let mut progress = self.changed.wait_while(progress, idle).unwrap_or_else(PoisonError::into_inner);
        let branch = progress.open.pop().filter(|_| progress.tries < most)?;
        (progress.at_work, progress.tries) = (progress.at_work + 1, progress.tries + 1);
        Some(branch)
    }

    /// Goes to the end of one order, and notes the others beside it.
    fn go(&self, server: &Orchestrator, branch: Branch) {
        let mut pair = Pair::begin(self, server);
        for (position, side) in branch.choices.iter().enumerate() {
            let is_here = position + 1 < branch.choices.len() || pair.place() == branch.place;
            if !is_here || pair.waiting(*side).is_none() {
                // Which of two values a run reads first is in their names, which are random.
                pair.abort();
                assert!(branch.tries < TRIES, "a place that cannot be reached again: {:?}", branch.choices);
                return self.with(|progress| progress.open.push(Branch { tries: branch.tries + 1, ..branch }));
            }
            pair.step(*side);
        }
        let Branch { mut choices, mut asleep, .. } = branch;
        loop {
            let waiting = [0, 1].map(|side| pair.waiting(side));
            let awake: Vec<Side> = [0, 1].into_iter().filter(|side| waiting[*side].is_some() && asleep != Some(*side)).collect();
            if waiting.iter().all(Option::is_none) {
                self.with(|progress| progress.orders += 1);
                return pair.judge();
            }
            let place = pair.place();
            let due = self.due(&place, asleep, awake);
            let last = choices.last().filter(|last| due.contains(last));
            let Some(first) = last.or(due.first()).copied() else { return pair.abort() };
            let apart = if let [Some(one), Some(other)] = &waiting { !pair.store.touch(one, other) } else { false };
            if due.len() == 2 {
                let choices = choices.iter().copied().chain([1 - first]).collect();
                self.with(|progress| progress.open.push(Branch { choices, place, asleep: apart.then_some(first), tries: 0 }));
            }
            asleep = asleep.filter(|_| apart);
            choices.push(first);
            pair.step(first);
        }
    }

    /// Whose requests were not tried at a place yet, of those that are awake there.
    fn due(&self, place: &str, asleep: Option<Side>, awake: Vec<Side>) -> Vec<Side> {
        self.with(|progress| match progress.places.get_mut(place) {
            None => {
                progress.places.insert(place.to_owned(), asleep);
                awake
            }
            Some(slept) => {
                let due = awake.into_iter().filter(|side| *slept == Some(*side)).collect();
                *slept = slept.filter(|side| asleep == Some(*side));
                due
            }
        })
    }
}

/// Two first syncs. When somebody asks for all: two changes of what is there, with something to update and to delete in both.
fn worlds() -> [World; 3] {
    match scale("ZERVERLESS_PROOF_STRIDE", 4) {
        1 => [&["a.txt=0", "b.txt=0"][..], &["a.txt=1", "one.txt=1"], &["a.txt=2", "two.txt=2"]].map(World::of),
        _ => [&[][..], &["a.txt=1", "one.txt=1"], &["a.txt=2"]].map(World::of),
    }
}

/// Nothing is mixed, and who did not get through says so.
fn one_wins_wholly(search: &Search, live: &World, ended: [i32; 2], case: &str) {
    let [one, two] = &search.worlds;
    match ended {
        [0, 0] => assert!(live == one || live == two, "{live:?} {case}"),
        [0, 7 | 9] => assert_eq!(live, one, "{case}"),
        [7 | 9, 0] => assert_eq!(live, two, "{case}"),
        [9, 9] => assert_eq!(*live, search.base, "{case}"),
        _ => panic!("{case}"),
    }
}

#[test]
fn of_two_runs_of_two_commits_in_every_order_of_their_requests_one_wins_wholly() {
    Search::of(worlds(), [Pace::default(); 2], one_wins_wholly).all(usize::MAX);
}

#[test]
fn of_two_runs_of_one_commit_in_every_order_of_their_requests_nothing_is_mixed() {
    let [base, one, _] = worlds();
    Search::of([base, one.clone(), one], [Pace::default(); 2], one_wins_wholly).all(usize::MAX);
}

#[test]
fn of_two_runs_of_which_one_takes_the_other_for_dead_in_any_order_a_rerun_converges() {
    let hasty = Pace { dead_after: Duration::ZERO, ..Pace::default() };
    let judge: Judge = |_, _, ended, case| assert!(ended.iter().all(|status| [0, 7, 9].contains(status)), "{case}");
    // Neither waits for the other, so there are too many orders for every day.
    let most = if scale("ZERVERLESS_PROOF_STRIDE", 4) == 1 { usize::MAX } else { 400 };
    Search::of(worlds(), [Pace::default(), hasty], judge).all(most);
}
