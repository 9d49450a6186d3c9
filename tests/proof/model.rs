//! Random histories of two applications in one namespace, against what must hold after every step.

use std::collections::BTreeMap;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{App, Checkout, Dice, Fault, Orchestrator, Outcome, Proxy, Reply, Sandbox, World, each, fresh_namespace, scale};

/// Histories that share a server: one listing shows the functions of all of them.
const PER_SERVER: u64 = 25;

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

    fn args<'a>(app: usize, more: &[&'a str]) -> Vec<&'a str> {
        // Whatever is in the mirrored part was to be replaced from the start.
        [&[APPS[app], "--adopt", "--lock-timeout", "20s", "--max-delete", "100%"], more].concat()
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
        let run = self.source.sync(proxy.url(), &Self::args(app, &["--retries", "1", "--timeout", "2s"]));
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
        let run = self.source.start_sync(proxy.url(), &Self::args(app, &[]));
        proxy.wait_until_stalled_or_over();
        run.signal_if_running(Signal::KILL);
        let run = run.finish();
        drop(proxy);
        self.told.push(format!("kill the sync of {} at {nth}: {}", APPS[app], run.status));
        if run.status >= 0 {
            self.judge(server, app, &run);
        } else {
            self.nothing_of_others_is_hurt(server);
        }
    }

    fn both(&mut self, server: &Orchestrator) {
        let (first, second) = (self.either(), self.either());
        let runs = [first, second].map(|app| self.source.start_sync(server.url(), &Self::args(app, &["--allow-older"])));
        let ended = runs.map(crate::support::Running::finish);
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

    /// Two clean syncs of everything end with exactly what is declared and what was placed by hand.
    fn end(mut self, server: &Orchestrator) {
        let proxy = Proxy::before(server);
        let all = [".", "--recursive", "--adopt", "--lock-timeout", "20s", "--max-delete", "100%"];
        let last = self.source.sync(proxy.url(), &all);
        self.told.push("sync all".to_owned());
        assert_eq!(last.status, 0, "{self}{last}");
        let mut expected = self.by_hand.clone();
        for declared in &self.declared {
            expected.functions.extend(declared.functions.clone());
            expected.files.extend(declared.files.clone());
        }
        assert_eq!(World::live(server, &self.namespace), expected, "{self}{last}");
        let listed = self.source.run(&["list", "--server", server.url(), "-n", &self.namespace, "-o", "json"]).exits(0);
        let left: BTreeMap<String, usize> = listed.json()["applications"]
            .as_array()
            .expect("applications")
            .iter()
            .map(|app| (app["application"].as_str().expect("a name").to_owned(), app["runs"].as_array().map_or(0, Vec::len)))
            .collect();
        assert_eq!(left, BTreeMap::from([("one".to_owned(), 0), ("two".to_owned(), 0)]), "{self}{listed}");
        assert_eq!(listed.json()["applications"][0]["damaged"], Value::Array(Vec::new()), "{self}{listed}");
    }
}

impl std::fmt::Display for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "in {}:\n  {}\n", self.namespace, self.told.join("\n  "))
    }
}

#[test]
fn whatever_happens_to_two_applications_they_converge_and_hurt_nobody() {
    let histories = scale("ZERVERLESS_PROOF_HISTORIES", 300);
    let chunks: Vec<u64> = (0..histories.div_ceil(PER_SERVER)).collect();
    each(&chunks, |chunk| {
        let mut server = Orchestrator::start();
        for seed in (chunk * PER_SERVER..(chunk + 1) * PER_SERVER).filter(|seed| *seed < histories) {
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
