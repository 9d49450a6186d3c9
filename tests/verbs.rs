//! The commands that look after records: what they show is so, what they remove was theirs, and what they rebuild can be read.

use std::collections::BTreeMap;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{App, Checkout, Fault, Orchestrator, Outcome, Proxy, Reply, Sandbox, World, each, fresh_namespace, scale};

const CODE: &str = "function handle() return 1 end";

fn world() -> World {
    World::of(&["/a=1", "/b=1", "a.txt=1", "d/b.txt=1"])
}

fn source(server: &Orchestrator) -> Checkout {
    world().create(App::of(server.namespace()))
}

/// A verb about the application of this directory, or another one, with its result as JSON.
#[track_caller]
fn verb(source: &Checkout, server: &str, arguments: &[&str]) -> Outcome {
    source.run(&[arguments, &["--server", server, "-o", "json"]].concat())
}

fn named(server: &Orchestrator, name: &str) -> String {
    format!("{}/{name}", server.namespace())
}

/// Writes of items, not of the record.
fn item_writes(proxy: &Proxy) -> Vec<String> {
    proxy.writes().into_iter().filter(|line| !line.contains("/api/db/")).collect()
}

/// The keys of the record of the only application of the namespace that was synced through `proxy`.
fn keys(proxy: &Proxy, part: &str) -> Vec<String> {
    let target = |line: String| line.split(' ').nth(1).expect("a target").to_owned();
    let gone: Vec<String> = proxy.sent("DELETE /api/db/").into_iter().map(target).collect();
    let put = proxy.sent("PUT /api/db/").into_iter().map(target);
    let mut keys: Vec<String> = put.filter(|key| !gone.contains(key) && key.contains(part)).collect();
    keys.dedup();
    keys
}

#[track_caller]
fn set_value(server: &Orchestrator, target: &str, value: &Value) {
    assert_eq!(server.send("PUT", target, json!({ "value": value }).to_string().as_bytes()).status, 200);
}

#[test]
fn status_tells_what_is_recorded_what_drifted_and_what_is_unmanaged_and_only_reads() {
    let server = Orchestrator::start();
    let source = source(&server);
    source.git(&["init", "--quiet", "--initial-branch", "main"]);
    let commit = source.commit();
    source.sync(server.url(), &[]).exits(0);
    let proxy = Proxy::before(&server);
    for target in [".", &named(&server, "app")] {
        let clean = verb(&source, proxy.url(), &["status", target]).exits(0).json();
        assert_eq!((&clean["sync"], &clean["operation"], &clean["revision"]), (&json!("Synced"), &json!("Succeeded"), &json!(commit)));
        assert_eq!(clean["items"], json!({"functions": 2, "static_files": 2, "unknown": 0}));
        assert_eq!((&clean["drift"], &clean["unmanaged"], &clean["branch"]), (&json!([]), &json!([]), &json!("main")));
    }
    server.deploy("/a", "-- theirs");
    server.delete_file("a.txt");
    server.put_file("d/b.txt", "2");
    server.put_file("mine.txt", "mine");
    let drifted = verb(&source, proxy.url(), &["status"]).exits(0).json();
    let names = |list: &Value| list.as_array().expect("a list").iter().map(|one| one["name"].clone()).collect::<Vec<_>>();
    assert_eq!((&drifted["sync"], names(&drifted["drift"])), (&json!("OutOfSync"), vec![json!("/a"), json!("a.txt")]), "{drifted}");
    assert_eq!(names(&drifted["unmanaged"]), [json!("mine.txt")]);
    let full = verb(&source, proxy.url(), &["status", "--verify", "full"]).exits(0).json();
    assert_eq!(names(&full["drift"]), [json!("/a"), json!("a.txt"), json!("d/b.txt")]);
    assert_eq!(proxy.writes(), Vec::<String>::new());
    let human = source.run(&["status", "--server", server.url()]).exits(0);
    assert!(human.stdout.contains("was removed by somebody else") && human.stdout.contains("Out of sync"), "{human}");
    verb(&source, server.url(), &["status", &named(&server, "other")]).exits(1).says("nothing is recorded");
}

#[test]
fn status_of_a_source_says_what_a_sync_of_it_would_change_and_since_when_to_the_second() {
    let server = Orchestrator::start();
    let source = source(&server);
    source.git(&["init", "--quiet", "--initial-branch", "main"]);
    source.commit();
    source.sync(server.url(), &[]).exits(0);
    let same = verb(&source, server.url(), &["status"]).exits(0).json();
    assert_eq!((&same["against"]["pending"], &same["against"]["refused"], &same["sync"]), (&json!(0), &Value::Null, &json!("Synced")));
    let at = same["last_run"]["at"].as_str().expect("a time");
    assert!(at.len() == "2026-01-02T03:04:05Z".len() && at.ends_with('Z'), "{at}");
    source.write("static/a.txt", "another");
    source.write("static/new.txt", "new");
    let commit = source.commit();
    let ahead = verb(&source, server.url(), &["status"]).exits(0).json();
    assert_eq!((&ahead["against"]["pending"], &ahead["against"]["revision"]), (&json!(2), &json!(commit)), "{ahead}");
    assert_eq!((&ahead["sync"], &ahead["drift"]), (&json!("OutOfSync"), &json!([])), "nothing drifted, the source went on");
    source.run(&["status", "--server", server.url()]).exits(0).says("a sync would change 2 items").says(at);
    assert_eq!(verb(&source, server.url(), &["status", &named(&server, "app")]).exits(0).json()["against"], Value::Null);
    source.remove("static");
    source.write("static/x.txt", "x");
    source.run(&["status", "--server", server.url()]).exits(0);
    source.remove("static");
    source.run(&["status", "--server", server.url()]).exits(0).says("it would be refused");
}

#[test]
fn status_tells_whether_the_application_does_its_work() {
    let server = Orchestrator::start();
    let app = |health: &str| {
        let function = |path: &str, more: &str| {
            format!("runtime: lua, code: 'function handle(req) return {{status = 200, body = \"{path}\"}} end'{more}")
        };
        App::of(server.namespace()).function("/asked", &function("/asked", health)).function("/quiet", &function("/quiet", "")).site()
    };
    let source = Sandbox::of(&app("")).file("static/index.html", "<p>").file("static/docs/index.html", "<p>").create();
    source.sync(server.url(), &[]).exits(0);
    let proxy = Proxy::before(&server);
    let status = |target: &str| verb(&source, proxy.url(), &["status", target]).exits(0).json();
    let troubles =
        |status: &Value| status["troubles"].as_array().expect("a list").iter().map(|one| one["name"].clone()).collect::<Vec<_>>();
    let healthy = status(".");
    assert_eq!((&healthy["health"], troubles(&healthy)), (&json!("Healthy"), Vec::new()), "{healthy}");
    assert_eq!(proxy.sent(&format!("GET /{}/", server.namespace())), Vec::<String>::new(), "no code is called unasked");
    assert_eq!(proxy.sent("GET /static/"), [format!("GET /static/{}/index.html", server.namespace())]);

    source.declare(&app(", health: /ready"));
    status(".");
    assert_eq!(proxy.sent(&format!("GET /{}/", server.namespace())), [format!("GET /{}/asked/ready", server.namespace())]);
    let ill = |line: &str, status_of: u16| {
        proxy.forget();
        proxy.fault_always(line, Fault::Answer(Reply::new(status_of, "text/plain", "no")));
        // A real server without workers calls nothing.
        proxy.fault_always(&format!("GET /{}/asked/ready", server.namespace()), Fault::Answer(Reply::new(200, "text/plain", "yes")));
        status(".")
    };
    let silent = ill(&format!("GET /{}/asked/ready", server.namespace()), 503);
    assert_eq!((&silent["health"], troubles(&silent)), (&json!("Degraded"), vec![json!("/asked")]), "{silent}");
    let unserved = ill("GET /static/", 404);
    assert_eq!((&unserved["health"], troubles(&unserved)), (&json!("Degraded"), vec![json!("index.html")]), "{unserved}");
    proxy.forget();
    server.delete_file("docs/index.html");
    let gone = status(&named(&server, "app"));
    assert_eq!((&gone["health"], troubles(&gone)), (&json!("Degraded"), vec![json!("docs/index.html")]), "{gone}");
    source.run(&["status", "--server", server.url()]).exits(0).says("degraded").says("is not there");
    assert_eq!(proxy.writes(), Vec::<String>::new());
}

#[test]
fn history_remembers_the_last_runs_the_newest_first() {
    let server = Orchestrator::start();
    let source = source(&server);
    for round in 0..53 {
        source.write("static/a.txt", round.to_string());
        source.sync(server.url(), &[]).exits(0);
    }
    let history = verb(&source, server.url(), &["history"]).exits(0).json();
    let runs = history["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 50, "bounded");
    assert!(runs.windows(2).all(|pair| pair[0]["at"].as_str() >= pair[1]["at"].as_str()), "{history}");
    assert_eq!((&runs[0]["counts"]["update"], &runs[0]["outcome"]), (&json!(1), &json!("succeeded")));
}

#[test]
fn all_of_250_applications_are_listed_although_a_listing_is_cut_at_100() {
    let server = Orchestrator::start();
    let base = fresh_namespace();
    let numbers: Vec<usize> = (0..250).collect();
    each(&numbers, |number| {
        let app = App::of(&format!("{base}-{}", number % 5)).named(&format!("app-{number}")).lua(&format!("/{number}"), CODE);
        Sandbox::of(&app).create().sync(server.url(), &[]).exits(0);
    });
    let listed = Sandbox::empty().create().run(&["list", "--server", server.url(), "-o", "json"]).exits(0).json();
    let ours = |app: &&Value| app["namespace"].as_str().is_some_and(|namespace| namespace.starts_with(&base));
    assert_eq!(listed["applications"].as_array().expect("applications").iter().filter(ours).count(), 250);
    let one = Sandbox::empty().create().run(&["list", "-n", &format!("{base}-0"), "--server", server.url(), "-o", "json"]).exits(0).json();
    assert_eq!(one["applications"].as_array().expect("applications").len(), 50);
}

#[test]
fn destroy_removes_what_the_application_owns_and_nothing_else() {
    let server = Orchestrator::start();
    let (source, proxy) = (source(&server), Proxy::before(&server));
    source.sync(server.url(), &[]).exits(0);
    let other = Sandbox::of(&App::of(server.namespace()).named("other").lua("/other", CODE)).create();
    other.sync(server.url(), &[]).exits(0);
    server.deploy("/by-hand", CODE);
    server.put_file("by-hand.txt", "mine");

    let refused = verb(&source, proxy.url(), &["destroy"]).exits(7).fails_as("guard").says("--yes");
    assert!(refused.said().contains("2 functions and 2 files would be deleted"), "{refused}");
    assert_eq!(item_writes(&proxy), Vec::<String>::new());
    let elsewhere = Sandbox::empty().create();
    let gone = verb(&elsewhere, proxy.url(), &["destroy", &named(&server, "app"), "--yes"]).exits(0);
    assert_eq!(gone.count("delete"), 4, "{gone}");
    assert_eq!(server.functions().into_keys().collect::<Vec<_>>(), ["/by-hand", "/other"]);
    assert_eq!(server.files().into_keys().collect::<Vec<_>>(), ["by-hand.txt"]);
    verb(&source, server.url(), &["status"]).exits(1);
    assert_eq!(verb(&other, server.url(), &["status"]).exits(0).json()["sync"], "Synced");
    verb(&source, server.url(), &["destroy", "--yes"]).exits(1).says("nothing is recorded");
}

#[test]
fn a_destroy_that_is_killed_is_finished_by_the_next_one() {
    let server = Orchestrator::start();
    let whole = Proxy::before(&server);
    let namespace = fresh_namespace();
    let source = source(&server);
    source.sync(server.url(), &["-n", &namespace]).exits(0);
    let args = |namespace: &str| ["destroy".to_owned(), format!("{namespace}/app"), "--yes".to_owned(), "--parallelism=1".to_owned()];
    let run = |url: &str, namespace: &str| {
        let args = args(namespace);
        let mut all: Vec<&str> = args.iter().map(String::as_str).collect();
        all.extend(["--server", url]);
        crate::support::Running::start(source.command(&all))
    };
    run(whole.url(), &namespace).finish().exits(0);
    let cases: Vec<usize> = (1..=whole.requests().len()).collect();
    each(&cases, |nth| {
        let namespace = fresh_namespace();
        source.sync(server.url(), &["-n", &namespace]).exits(0);
        let proxy = Proxy::before(&server);
        proxy.fault("", *nth, Fault::StallReply);
        let killed = run(proxy.url(), &namespace);
        proxy.wait_until_stalled();
        killed.signal(Signal::KILL);
        let _ = killed.finish();
        let again = run(server.url(), &namespace).finish();
        // When the record was gone already, there is nothing to finish.
        assert!([0, 1].contains(&again.status), "killed at {nth}: {again}");
        assert_eq!(World::live(&server, &namespace), World::default(), "killed at {nth}: {again}");
        let listed = source.run(&["list", "-n", &namespace, "--server", server.url(), "-o", "json"]).exits(0);
        assert_eq!(listed.json()["applications"], json!([]), "killed at {nth}");
    });
}

#[test]
fn release_forgets_the_application_and_keeps_what_it_placed() {
    let server = Orchestrator::start();
    let (source, proxy) = (source(&server), Proxy::before(&server));
    source.sync(server.url(), &[]).exits(0);
    let released = verb(&source, proxy.url(), &["release", &named(&server, "app")]).exits(0).json();
    assert_eq!(released["items"], 4);
    assert_eq!(item_writes(&proxy), Vec::<String>::new());
    assert_eq!(World::live(&server, server.namespace()), world());
    verb(&source, server.url(), &["status"]).exits(1);
    proxy.forget();
    let adopted = source.sync(proxy.url(), &[]).exits(0);
    assert_eq!((adopted.count("adopt"), item_writes(&proxy)), (4, Vec::new()), "{adopted}");
}

#[test]
fn repair_rebuilds_a_damaged_record_and_touches_no_item() {
    for part in [".h.", "/s."] {
        for damage in [json!(null), json!("zg1 "), json!({"a": 1})] {
            let server = Orchestrator::start();
            let (source, proxy) = (source(&server), Proxy::before(&server));
            source.sync(proxy.url(), &[]).exits(0);
            let key = keys(&proxy, part).pop().expect("a key");
            set_value(&server, &key, &damage);
            server.put_file("a.txt", "theirs");
            source.remove("static/d/b.txt");
            source.sync(server.url(), &["--adopt"]).exits(7).says("repair");
            proxy.forget();
            let repaired = verb(&source, proxy.url(), &["repair"]).exits(0).json();
            assert_eq!(item_writes(&proxy), Vec::<String>::new());
            assert_eq!((&repaired["repaired"], &repaired["unknown"]), (&json!(true), &json!(1)), "{repaired}");
            assert!(repaired["damaged"][0]["key"].as_str().is_some_and(|damaged| key.ends_with(damaged)), "{repaired}");
            assert_eq!(repaired["unowned"], json!([{"kind": "static_file", "name": "d/b.txt"}]), "{repaired}");
            source.sync(server.url(), &[]).exits(0);
            assert_eq!(World::live(&server, server.namespace()), World::of(&["/a=1", "/b=1", "a.txt=1"]));
            let third = source.diff(server.url(), &[]).exits(0);
            assert!(third.changes().is_empty(), "{third}");
            assert_eq!(verb(&source, server.url(), &["repair"]).exits(0).json()["repaired"], false);
        }
    }
}

#[test]
fn repair_rebuilds_a_record_that_is_lost_and_leaves_a_newer_one_alone() {
    let server = Orchestrator::start();
    let (source, proxy) = (source(&server), Proxy::before(&server));
    source.sync(proxy.url(), &[]).exits(0);
    let head = keys(&proxy, ".h.").pop().expect("a head");
    let value = server.send("GET", &head, b"").parsed()["value"].as_str().expect("a text").to_owned();
    set_value(&server, &head, &json!(value.replacen("zg1 ", "zg2 ", 1)));
    for verb_of in ["repair", "release"] {
        let refused = verb(&source, server.url(), &[verb_of]).exits(7).fails_as("guard").says("format 2");
        assert!(!refused.said().contains("`repair`"), "{refused}");
    }
    for key in keys(&proxy, "/") {
        assert_eq!(server.send("DELETE", &key, b"").status, 204);
    }
    verb(&source, server.url(), &["repair"]).exits(0);
    let known = source.sync(proxy.url(), &[]).exits(0);
    assert!(known.changes().is_empty(), "{known}");
}

#[test]
fn unlock_declares_a_run_dead_that_cannot_be_seen_to_be() {
    let server = Orchestrator::start();
    let source = source(&server);
    let proxy = Proxy::before(&server);
    proxy.fault("PUT /api/storage/", 1, Fault::Stall);
    let slow = source.start_sync(proxy.url(), &["--parallelism", "1"]);
    proxy.wait_until_stalled();
    source.sync(server.url(), &["--lock-timeout", "0s"]).exits(9).says("--lock-timeout");
    let status = verb(&source, server.url(), &["status"]).exits(0).json();
    assert_eq!((&status["operation"], &status["runs"][0]["gone"]), (&json!("Running"), &json!(false)), "{status}");
    let dead = verb(&source, server.url(), &["unlock"]).exits(0).json();
    assert_eq!(dead["declared_dead"].as_array().map(Vec::len), Some(1), "{dead}");
    source.sync(server.url(), &["--lock-timeout", "0s"]).exits(0);
    proxy.release();
    slow.finish().exits(7).says("took this one for dead");
    assert_eq!(verb(&source, server.url(), &["unlock"]).exits(0).json()["declared_dead"].as_array().map(Vec::len), Some(0));
}

#[test]
fn an_exported_namespace_validates_and_is_adopted_without_sending_anything() {
    let server = Orchestrator::start();
    let namespace = server.namespace();
    let odd = [("/a b", "-- 1\r\n"), ("/a-b", "-- 2"), ("/A-b", "-- 3"), ("/x/y", "\u{feff}-- 4"), ("/ü", CODE)];
    for (path, code) in odd {
        server.deploy(path, code);
    }
    let body = json!({"runtime": "ruby", "code": "puts 1"}).to_string();
    assert_eq!(server.send("POST", &format!("/api/deploy/{namespace}/ruby"), body.as_bytes()).status, 201);
    let files = [("index.html", "<p>"), ("x y(1).txt", ""), (".gitignore", "*.txt"), ("d/é.txt", "2"), ("50%.txt", "3"), ("a\nb", "4")];
    for (name, content) in files {
        server.put_file(name, content);
    }
    server.put_file("x/.git/config", "theirs");
    let here = Sandbox::empty().create();
    let exported = verb(&here, server.url(), &["export", namespace, "out", "--application", "mine"]).exits(6).json();
    assert_eq!((&exported["functions"], &exported["static_files"]), (&json!(odd.len()), &json!(files.len())), "{exported}");
    let left: BTreeMap<&str, &str> = exported["left_out"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (one["name"].as_str().expect("a name"), one["why"].as_str().expect("a reason")))
        .collect();
    assert_eq!(left.keys().copied().collect::<Vec<_>>(), ["/ruby", "x/.git/config"], "{left:?}");
    here.run(&["validate", "out"]).exits(0);
    let proxy = Proxy::before(&server);
    let adopted = here.run(&["sync", "out", "--keep-unmanaged", "--server", proxy.url(), "-o", "json"]).exits(0);
    assert_eq!(item_writes(&proxy), Vec::<String>::new(), "{adopted}");
    assert_eq!(adopted.count("adopt"), (odd.len() + files.len()) as u64, "{adopted}");
    verb(&here, server.url(), &["export", namespace, "out"]).exits(64).says("not empty");
}

#[test]
fn rollback_goes_back_and_every_sync_is_refused_until_resume() {
    let server = Orchestrator::start();
    let source = source(&server).also_repository();
    let mut commits = vec![source.git(&["rev-parse", "HEAD"])];
    source.sync(server.url(), &[]).exits(0);
    for version in ["2", "3"] {
        World::of(&[&format!("/a={version}"), &format!("a.txt={version}")]).declare(&source, App::of(server.namespace()));
        commits.push(source.commit());
        source.sync(server.url(), &[]).exits(0);
    }
    verb(&source, server.url(), &["rollback", "--to", "9"]).exits(64).says("history");
    verb(&source, server.url(), &["rollback", "--to", &commits[1][..8], "--reason", "version 3 is broken"]).exits(0);
    assert_eq!(World::live(&server, server.namespace()), World::of(&["/a=2", "a.txt=2"]));
    for verb_of in ["sync", "diff"] {
        let held = verb(&source, server.url(), &[verb_of]).exits(7).fails_as("guard").says("version 3 is broken");
        assert!(held.said().contains("resume"), "{held}");
    }
    assert_eq!(World::live(&server, server.namespace()), World::of(&["/a=2", "a.txt=2"]));
    assert_eq!(verb(&source, server.url(), &["status"]).exits(0).json()["hold"]["reason"], "version 3 is broken");
    // Where no checkout is at hand, the record says where the source is.
    let elsewhere = Sandbox::empty().create();
    verb(&elsewhere, server.url(), &["rollback", &named(&server, "app"), "--to", &commits[0]]).exits(0);
    assert_eq!(World::live(&server, server.namespace()), world());
    verb(&elsewhere, server.url(), &["resume", &named(&server, "app")]).exits(0);
    assert_eq!(verb(&source, server.url(), &["resume"]).exits(0).json()["resumed"], false);
    source.sync(server.url(), &[]).exits(7).says("--allow-older");
    source.sync(server.url(), &["--allow-older"]).exits(0);
    assert_eq!(World::live(&server, server.namespace()), World::of(&["/a=3", "a.txt=3"]));
}

#[test]
fn an_application_with_a_new_name_says_what_the_old_one_still_owns() {
    let server = Orchestrator::start();
    let source = source(&server);
    source.sync(server.url(), &[]).exits(0);
    let renamed = World::of(&["/a=1", "a.txt=1"]);
    renamed.declare(&source, App::of(server.namespace()).named("new"));
    let refused = source.sync(server.url(), &[]).exits(7).says("`app`");
    assert!(refused.json()["applications"][0]["warnings"][0].as_str().is_some_and(|text| text.contains("still owns 4 items")), "{refused}");
    let taken = source.sync(server.url(), &["--take-over=app"]).exits(0);
    assert!(taken.said().contains(&format!("destroy {}", named(&server, "app"))), "{taken}");
    assert_eq!(World::live(&server, server.namespace()), world());
    verb(&source, server.url(), &["destroy", &named(&server, "app"), "--yes"]).exits(0);
    assert_eq!(World::live(&server, server.namespace()), renamed);
    let settled = source.sync(server.url(), &[]).exits(0);
    assert!(settled.changes().is_empty() && settled.json()["applications"][0]["warnings"] == json!([]), "{settled}");
}

#[test]
fn an_application_in_a_new_namespace_says_what_it_left_in_the_old_one() {
    let server = Orchestrator::start();
    let source = source(&server);
    source.sync(server.url(), &[]).exits(0);
    let preview = fresh_namespace();
    let beside = source.sync(server.url(), &["-n", &preview]).exits(0);
    assert_eq!(beside.json()["applications"][0]["warnings"], json!([]), "{beside}");
    let moved = fresh_namespace();
    world().declare(&source, App::of(&moved));
    let told = source.sync(server.url(), &[]).exits(0);
    assert!(told.said().contains(&format!("destroy {}", named(&server, "app"))), "{told}");
    assert_eq!(World::live(&server, server.namespace()), world());
}

#[test]
fn what_moves_between_two_applications_in_one_commit_arrives_in_whichever_order_they_are_synced() {
    let server = Orchestrator::start();
    let application = |name: &str, functions: &[&str]| {
        functions.iter().fold(App::of(server.namespace()).named(name), |app, path| app.lua(path, &format!("-- {name}"))).yaml()
    };
    let source = Sandbox::empty()
        .file("one/zerverless.yaml", application("one", &["/one", "/moves", "/back"]))
        .file("two/zerverless.yaml", application("two", &["/two", "/forth"]))
        .create();
    source.sync(server.url(), &[".", "--recursive"]).exits(0);
    for (one, two) in [(vec!["/one", "/back"], vec!["/two", "/forth", "/moves"]), (vec!["/one", "/back", "/moves"], vec!["/two", "/forth"])]
    {
        source.write("one/zerverless.yaml", application("one", &one));
        source.write("two/zerverless.yaml", application("two", &two));
        source.sync(server.url(), &[".", "--recursive"]).exits(0);
        let owner = if two.contains(&"/moves") { "two" } else { "one" };
        assert_eq!(server.functions()["/moves"].1, format!("-- {owner}"));
        let settled = source.diff(server.url(), &[".", "--recursive"]).exits(0);
        assert!(settled.changes().is_empty(), "{settled}");
    }
}

#[test]
fn a_server_that_lists_names_outside_of_the_namespace_is_not_obeyed() {
    let server = Orchestrator::start();
    let source = source(&server);
    source.sync(server.url(), &[]).exits(0);
    for name in ["../other/x.txt", "..", "d/../../other/x", "/etc/passwd", "d//x", "./x"] {
        let proxy = Proxy::before(&server);
        let listing = json!({"files": ["a.txt", "d/b.txt", name], "count": 3});
        proxy.fault_always("GET /api/storage/", Fault::Answer(Reply::json(200, &listing)));
        source.sync(proxy.url(), &["--adopt", "--retries", "0"]).exits(5).fails_as("server");
        assert_eq!(proxy.writes(), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_store_that_keeps_nothing_is_a_server_error_and_nothing_is_placed() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    proxy.fault_always("PUT /api/db/", Fault::Answer(Reply::json(200, &json!({"status": "ok"}))));
    source(&server).sync(proxy.url(), &["--retries", "0"]).exits(5).fails_as("server").says("does not list it");
    assert_eq!(item_writes(&proxy), Vec::<String>::new());
}

#[test]
fn a_store_that_goes_back_in_time_empties_nothing() {
    let server = Orchestrator::start();
    let (source, proxy) = (source(&server), Proxy::before(&server));
    source.sync(proxy.url(), &[]).exits(0);
    let old: Vec<(String, Value)> =
        keys(&proxy, "/").into_iter().map(|key| (key.clone(), server.send("GET", &key, b"").parsed()["value"].clone())).collect();
    proxy.forget();
    World::of(&["/a=2", "/c=2", "a.txt=2", "new.txt=2"]).declare(&source, App::of(server.namespace()));
    source.sync(proxy.url(), &[]).exits(0);
    for key in keys(&proxy, "/") {
        assert_eq!(server.send("DELETE", &key, b"").status, 204);
    }
    // All of it gone: first contact again.
    source.write("static/a.txt", "3");
    source.sync(server.url(), &[]).exits(7).says("--adopt");
    // An older state: what is declared is there afterwards, and no function is lost that it does not know.
    for (key, value) in &old {
        set_value(&server, key, value);
    }
    source.sync(server.url(), &[]).exits(0);
    assert_eq!(World::live(&server, server.namespace()), World::of(&["/a=2", "/c=2", "a.txt=3", "new.txt=2"]));
}

#[test]
fn states_that_replace_each_other_in_a_circle_are_a_damaged_record() {
    let server = Orchestrator::start();
    let (source, proxy) = (source(&server), Proxy::before(&server));
    source.sync(proxy.url(), &[]).exits(0);
    let key = keys(&proxy, ".h.").pop().expect("a head");
    let run = key.rsplit('.').next().expect("a run").to_owned();
    let value = server.send("GET", &key, b"").parsed()["value"].as_str().expect("a text").to_owned();
    let body = value.splitn(3, ' ').nth(2).expect("a body").replacen("\"parents\":[]", &format!("\"parents\":[\"{run}\"]"), 1);
    assert!(body.contains(&format!("[\"{run}\"]")), "{body}");
    let sum = zerverless_gitops::fingerprint::Fingerprint::of_bytes(body.as_bytes());
    set_value(&server, &key, &json!(format!("zg1 {sum} {body}")));
    source.remove("static/d");
    source.sync(server.url(), &["--adopt"]).exits(7).fails_as("guard").says("replaced by another");
    assert_eq!(World::live(&server, server.namespace()), world());
    verb(&source, server.url(), &["repair"]).exits(0);
    source.sync(server.url(), &[]).exits(0);
}

#[test]
fn a_run_that_only_announced_itself_is_no_record_of_having_been_there() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    proxy.fault("PUT /api/db/", 1, Fault::StallReply);
    let source = source(&server);
    let run = source.start_sync(proxy.url(), &[]);
    proxy.wait_until_stalled();
    run.signal(Signal::KILL);
    let _ = run.finish();
    server.put_file("a.txt", "by hand");
    source.sync(server.url(), &[]).exits(7).fails_as("guard").says("--adopt");
    assert_eq!(server.files()["a.txt"], b"by hand");
}

#[test]
fn a_change_of_one_of_very_many_files_writes_no_more_of_the_record_than_one_of_ten() {
    let writes = |files: usize| {
        let server = Orchestrator::start();
        let mut sandbox = Sandbox::of(&App::of(server.namespace()).site());
        for file in 0..files {
            sandbox = sandbox.file(&format!("static/d{}/{file}.txt", file % 100), file.to_string());
        }
        let source = sandbox.create();
        source.sync(server.url(), &[]).exits(0);
        let proxy = Proxy::before(&server);
        source.sync(proxy.url(), &[]).exits(0);
        assert!(proxy.requests().len() <= 6 && proxy.writes().is_empty(), "{:?}", proxy.requests().len());
        proxy.forget();
        source.write("static/d7/7.txt", "changed");
        source.sync(proxy.url(), &[]).exits(0);
        (proxy.sent("PUT /api/db/").len(), proxy.sent("DELETE /api/db/").len(), proxy.sent("PUT /api/storage/").len())
    };
    let few = writes(10);
    let many = usize::try_from(scale("ZERVERLESS_PROOF_FILES", 4000)).expect("a number of files");
    assert_eq!((writes(many), few.2), (few, 1));
}
