//! Random histories of two applications in one namespace, against what must hold after every step. The runs are of this process: see [`super::inside`].

use std::time::Duration;

use zerverless_gitops::error::Error;
use zerverless_gitops::key::{AppId, AppName, Namespace};
use zerverless_gitops::pipeline::{self, Options, Pace};
use zerverless_gitops::plan::{DeleteLimit, Policy};

use super::inside::{Started, block_on, directory, options, told};
use crate::support::{App, Checkout, Dice, Fault, Orchestrator, Outcome, Proxy, Reply, Sandbox, World, each, fresh_namespace, scale};

/// Histories that share a server: one listing shows the functions of all of them.
const PER_SERVER: usize = 12;

/// How long the claim of a run that is over is looked at before it is taken for dead.
const LEFT_BEHIND: Duration = Duration::from_millis(200);

/// The two applications of one repository.
const APPS: [&str; 2] = ["one", "two"];

struct History {
    dice: Dice,
    namespace: String,
    source: Checkout,
    /// What each application declares.
    declared: [World; 2],
    /// What somebody placed by hand, outside of what is mirrored: it stays whatever happens.
    by_hand: World,
    told: Vec<String>,
}

impl History {
    fn begin(seed: u64) -> Self {
        let mut history = Self {
            dice: Dice::new(seed),
            namespace: fresh_namespace(),
            source: Sandbox::empty().file("README", "two applications").create(),
            declared: [World::default(), World::default()],
            by_hand: World::default(),
            told: vec![format!("seed {seed}")],
        };
        for app in 0..2 {
            history.declared[app] = history.anything(app);
            history.write(app);
        }
        history
    }

    /// At least one function and one file, so that nothing is ever emptied.
    fn anything(&mut self, app: usize) -> World {
        let mut world = World::default();
        let name = APPS[app];
        for item in 0..4 {
            if item == 0 || self.dice.one_in(2) {
                world.files.insert(format!("{name}/{item}.txt"), self.dice.roll(3).to_string());
            }
            if item == 0 || self.dice.one_in(3) {
                world.functions.insert(format!("/{name}/{item}"), format!("-- {}", self.dice.roll(3)));
            }
        }
        world
    }

    fn write(&mut self, app: usize) {
        let (name, world) = (APPS[app], &self.declared[app]);
        let empty = App::of(&self.namespace).named(name);
        let manifest = world.functions.iter().fold(empty, |app, (path, code)| app.lua(path, code));
        self.source.write(format!("{name}/zerverless.yaml"), manifest.site_from(&format!("dir: static, prefix: {name}")).yaml());
        let site = self.source.path(format!("{name}/static"));
        if site.exists() {
            std::fs::remove_dir_all(&site).expect("a directory that goes");
        }
        for (file, content) in &world.files {
            self.source.write(format!("{name}/static/{}", file.split_once('/').expect("a prefix").1), content);
        }
    }

    fn edit(&mut self) {
        let app = self.either();
        self.declared[app] = self.anything(app);
        // A function that may belong to either changes hands.
        if self.dice.one_in(3) {
            let other = 1 - app;
            self.declared[other].functions.remove("/shared");
            self.declared[app].functions.insert("/shared".to_owned(), format!("-- {}", APPS[app]));
            self.write(other);
        }
        self.write(app);
        self.told.push(format!("edit {}", APPS[app]));
    }

    fn either(&mut self) -> usize {
        usize::from(self.dice.one_in(2))
    }

    /// A run that is the only one, so that whatever claim it meets is of one that is over.
    fn alone(url: &str) -> Options {
        Self::beside(url, Pace { dead_after: LEFT_BEHIND, ..Pace::default() })
    }

    fn beside(url: &str, pace: Pace) -> Options {
        // Whatever is in the mirrored part was to be replaced from the start.
        let policy = Policy { adopt: true, max_delete: Some(DeleteLimit::Percent(100)), ..Policy::default() };
        let mut options = options(url, None, pace, policy);
        options.server.parallelism = 8;
        options.server.retries = 1;
        options.server.timeout = Duration::from_secs(2);
        options
    }

    fn start(&self, app: usize, options: Options) -> Started {
        Started::sync(directory(self.source.path(APPS[app])), options)
    }

    fn id(&self, app: usize) -> AppId {
        let namespace = Namespace::new(&self.namespace).expect("a name");
        AppId { namespace, name: AppName::new(APPS[app]).expect("a name") }
    }

    fn by_hand(&mut self, server: &Orchestrator) {
        let name = format!("{}/stray.txt", APPS[self.either()]);
        let what = self.dice.roll(3);
        let put = |name: &str, content: &str| {
            let reply = server.send("PUT", &format!("/api/storage/{}/{name}", self.namespace), content.as_bytes());
            assert_eq!(reply.status, 201);
        };
        match what {
            0 => {
                put("by-hand.txt", "mine");
                self.by_hand.files.insert("by-hand.txt".to_owned(), "mine".to_owned());
                self.told.push("a file by hand".to_owned());
            }
            1 => {
                let body = serde_json::json!({"runtime": "lua", "code": "-- mine"}).to_string();
                assert_eq!(server.send("POST", &format!("/api/deploy/{}/by-hand", self.namespace), body.as_bytes()).status, 201);
                self.by_hand.functions.insert("/by-hand".to_owned(), "-- mine".to_owned());
                self.told.push("a function by hand".to_owned());
            }
            _ => {
                put(&name, "stray");
                self.told.push(format!("{name} by hand, where a site is mirrored"));
            }
        }
    }

    fn sync(&mut self, server: &Orchestrator) {
        let app = self.either();
        let proxy = Proxy::before(server);
        let fault = self.fault();
        let nth = usize::try_from(self.dice.roll(40)).expect("small") + 1;
        if let Some(fault) = &fault {
            proxy.fault("", nth, fault.clone());
        }
        let run = told(self.start(app, Self::alone(proxy.url())).finish(), APPS[app]);
        drop(proxy);
        self.told.push(format!("sync {} with {fault:?} at {nth}: {}", APPS[app], run.status));
        self.judge(server, app, &run);
    }

    fn fault(&mut self) -> Option<Fault> {
        let answer = |status| Fault::Answer(Reply::new(status, "text/html", "<html></html>"));
        match self.dice.roll(14) {
            0 => Some(Fault::Reset),
            1 => Some(Fault::ResetAfter),
            2 => Some(Fault::Die),
            3 => Some(Fault::Twice),
            4 => Some(Fault::Truncate(7)),
            5 => Some(answer(500)),
            6 => Some(answer(200)),
            7 => Some(answer(404)),
            _ => None,
        }
    }

    fn kill(&mut self, server: &Orchestrator) {
        let app = self.either();
        let proxy = Proxy::before(server);
        let nth = usize::try_from(self.dice.roll(30)).expect("small") + 1;
        proxy.fault("", nth, if self.dice.one_in(2) { Fault::Stall } else { Fault::StallReply });
        let run = self.start(app, Self::alone(proxy.url()));
        proxy.wait_until_stalled_or_over();
        let ended = run.abort().map(|run| told(run, APPS[app]));
        drop(proxy);
        self.told.push(format!("kill the sync of {} at {nth}: {:?}", APPS[app], ended.as_ref().map(|run| run.status)));
        match ended {
            Some(run) => self.judge(server, app, &run),
            None => self.nothing_of_others_is_hurt(server),
        }
    }

    fn both(&mut self, server: &Orchestrator) {
        let (first, second) = (self.either(), self.either());
        // Neither may take the other for dead, so what is dead is said to be.
        let options = || Self::beside(server.url(), Pace::default());
        for app in 0..2 {
            // Nothing is recorded before the first run.
            let _ = block_on(async |context| pipeline::unlock(&self.id(app), &options(), context).await);
        }
        let runs = [first, second].map(|app| {
            let mut options = options();
            options.policy.allow_older = true;
            self.start(app, options)
        });
        let ended = runs.map(|run| told(run.finish(), "both"));
        self.told.push(format!("{} and {} at once: {} {}", APPS[first], APPS[second], ended[0].status, ended[1].status));
        self.judge(server, first, &ended[0]);
        self.judge(server, second, &ended[1]);
    }

    /// What a run says is so, and what is not its business is as it was.
    #[track_caller]
    fn judge(&self, server: &Orchestrator, app: usize, run: &Outcome) {
        let live = World::live(server, &self.namespace);
        let declared = &self.declared[app];
        match run.status {
            0 => {
                for (name, content) in declared.functions.iter().chain(&declared.files) {
                    assert_eq!(live.content(name), Some(content), "`{name}` {self}{run}");
                }
                let own = |name: &&String| name.starts_with(&format!("{}/", APPS[app])) || name.starts_with(&format!("/{}/", APPS[app]));
                for name in live.functions.keys().chain(live.files.keys()).filter(own) {
                    assert!(declared.content(name).is_some(), "`{name}` is still there {self}{run}");
                }
            }
            5..=7 => assert!(run.json()["error"]["message"].is_string(), "{self}{run}"),
            _ => panic!("{self}{run}"),
        }
        let changes = run.json()["applications"][0]["changes"].as_array().cloned().unwrap_or_default();
        for change in changes.iter().filter(|change| run.status != 0 && change["outcome"] == "done") {
            let name = change["name"].as_str().expect("a name");
            assert_eq!(live.content(name), declared.content(name), "`{name}` is called done {self}{run}");
        }
        if run.status == 7 {
            let said = run.json()["error"]["message"].as_str().map(str::to_owned).unwrap_or_default();
            let expected = ["/shared", "does not give it out"];
            assert!(expected.iter().any(|text| said.contains(text)), "no other guard has a reason here: {said} {self}{run}");
        }
        self.nothing_of_others_is_hurt(server);
    }

    /// What was placed by hand is there, and nothing is anything that nobody ever declared.
    #[track_caller]
    fn nothing_of_others_is_hurt(&self, server: &Orchestrator) {
        let live = World::live(server, &self.namespace);
        for (name, content) in self.by_hand.functions.iter().chain(&self.by_hand.files) {
            assert_eq!(live.content(name), Some(content), "`{name}` was placed by hand {self}");
        }
    }

    /// Clean syncs of everything end with exactly what is declared and what was placed by hand.
    fn end(mut self, server: &Orchestrator) {
        self.told.push("sync all".to_owned());
        let run = |app: usize| told(self.start(app, Self::alone(server.url())).finish(), APPS[app]);
        // What moved to the first is let go by the second. What a run of the first intended that fell silent is let go by the run after the next.
        let mut first = run(0);
        let mut second = run(1);
        if second.status == 7 && self.left(server)[0] > 0 {
            (first, second) = (run(0), run(1));
        }
        assert_eq!(second.status, 0, "{self}{second}");
        let first = if first.status == 0 { first } else { run(0) };
        assert_eq!(first.status, 0, "{self}{first}");
        let mut expected = self.by_hand.clone();
        for declared in &self.declared {
            expected.functions.extend(declared.functions.clone());
            expected.files.extend(declared.files.clone());
        }
        assert_eq!(World::live(server, &self.namespace), expected, "{self}{first}{second}");
        // What was taken for dead because nothing was heard of it is kept as dead until the run after, which makes sure of what it wrote.
        for (app, left) in self.left(server).into_iter().enumerate().filter(|(_, left)| *left > 0) {
            let again = run(app);
            assert_eq!(again.status, 0, "{left} claims were left {self}{again}");
        }
        assert_eq!(self.left(server), [0, 0], "{self}");
        assert_eq!(World::live(server, &self.namespace), expected, "{self}");
    }

    /// How many claims are left of each application; nothing of the record is damaged.
    #[track_caller]
    fn left(&self, server: &Orchestrator) -> [usize; 2] {
        [0, 1].map(|app| {
            let recorded = block_on(async |context| pipeline::recorded(&self.id(app), &Self::alone(server.url()), context).await);
            match recorded {
                Ok(recorded) => {
                    assert!(recorded.damaged.is_empty(), "{self}{recorded:?}");
                    recorded.runs.len()
                }
                Err(Error::NotRecorded(_)) => 0,
                Err(error) => panic!("{self}{error}"),
            }
        })
    }
}

impl std::fmt::Display for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "in {}:\n  {}\n", self.namespace, self.told.join("\n  "))
    }
}

#[test]
fn whatever_happens_to_two_applications_they_converge_and_hurt_nobody() {
    let (first, histories) = (scale("ZERVERLESS_PROOF_SEED", 0), scale("ZERVERLESS_PROOF_HISTORIES", 2000));
    let seeds: Vec<u64> = (first..first + histories).collect();
    let chunks: Vec<&[u64]> = seeds.chunks(PER_SERVER).collect();
    each(&chunks, |chunk| {
        let mut server = Orchestrator::start();
        for seed in chunk.iter().copied() {
            let mut history = History::begin(seed);
            for _ in 0..2 + history.dice.roll(3) {
                match history.dice.roll(16) {
                    0..=3 => history.edit(),
                    4..=5 => history.by_hand(&server),
                    6..=11 => history.sync(&server),
                    12..=13 => history.kill(&server),
                    14 => history.both(&server),
                    _ => {
                        server.restart();
                        history.told.push("the server restarts".to_owned());
                    }
                }
            }
            history.end(&server);
        }
    });
}
