//! Whose an item is: nothing is taken, overwritten or deleted that somebody else placed, unless that is asked for.

use serde_json::{Value, json};
use zerverless_gitops::fingerprint::Fingerprint;

use crate::support::{App, Fault, Orchestrator, Proxy, Reply, Sandbox};

const CODE: &str = "function handle() return 1 end";
const OTHER: &str = "function handle() return 2 end";

fn site(server: &Orchestrator) -> Sandbox {
    Sandbox::of(&App::of(server.namespace()).lua("/a", CODE).site()).file("static/a.txt", "a").file("static/b.txt", "b")
}

#[test]
fn what_was_placed_by_hand_and_is_as_declared_is_adopted_without_sending_it() {
    let server = Orchestrator::start();
    server.put_file("a.txt", "a");
    server.put_file("b.txt", "b");
    server.deploy("/a", CODE);
    let proxy = Proxy::before(&server);
    let source = site(&server).create();
    let adopted = source.sync(proxy.url(), &[]).exits(0);
    assert_eq!(adopted.changes().into_iter().collect::<Vec<_>>(), ["adopt /a", "adopt a.txt", "adopt b.txt"]);
    let items: Vec<String> = proxy.writes().into_iter().filter(|line| !line.contains("/api/db/")).collect();
    assert_eq!(items, Vec::<String>::new());
    // From now on it is ours.
    source.remove("static/b.txt");
    let pruned = source.sync(server.url(), &[]).exits(0);
    assert_eq!(pruned.changes().into_iter().collect::<Vec<_>>(), ["delete b.txt"]);
}

#[test]
fn what_was_placed_by_hand_and_differs_is_not_overwritten_at_first_contact() {
    for place in [|server: &Orchestrator| server.put_file("a.txt", "theirs"), |server: &Orchestrator| server.deploy("/a", OTHER)] {
        let server = Orchestrator::start();
        place(&server);
        let (files, functions) = (server.files(), server.functions());
        let source = site(&server).create();
        for verb in ["diff", "sync"] {
            source.run(&[verb, "--server", server.url(), "-o", "json"]).exits(7).fails_as("guard").says("--adopt");
        }
        source.sync(server.url(), &["--keep-unmanaged"]).exits(7);
        assert_eq!((server.files(), server.functions()), (files, functions));
        source.sync(server.url(), &["--adopt"]).exits(0);
        assert_eq!((server.files()["a.txt"].as_slice(), server.functions()["/a"].1.as_str()), (b"a".as_slice(), CODE));
    }
}

#[test]
fn files_that_nobody_declares_are_not_deleted_at_first_contact() {
    let server = Orchestrator::start();
    server.put_file("theirs.txt", "theirs");
    let source = site(&server).create();
    for verb in ["diff", "sync"] {
        let refused = source.run(&[verb, "--server", server.url(), "-o", "json"]).exits(7).fails_as("guard");
        assert!(refused.said().contains("--adopt") && refused.said().contains("--keep-unmanaged"), "{refused}");
    }
    assert_eq!(server.files().len(), 1);
    source.sync(server.url(), &["--keep-unmanaged"]).exits(0);
    assert_eq!(server.files().len(), 3);
    let mirrored = source.sync(server.url(), &[]).exits(0);
    assert_eq!(mirrored.changes().into_iter().collect::<Vec<_>>(), ["delete theirs.txt"]);
}

#[test]
fn a_function_that_nobody_declares_is_left_alone_at_first_contact() {
    let server = Orchestrator::start();
    server.deploy("/theirs", OTHER);
    site(&server).create().sync(server.url(), &[]).exits(0);
    assert_eq!(server.functions().len(), 2);
}

#[test]
fn two_applications_of_one_namespace_prune_only_what_is_theirs() {
    let server = Orchestrator::start();
    let (one, two) = (App::of(server.namespace()).named("one"), App::of(server.namespace()).named("two"));
    let one_source = Sandbox::of(&one.clone().lua("/one", CODE).lua("/one/x", CODE).site_from("dir: static, prefix: one"))
        .file("static/a.txt", "a")
        .file("static/b.txt", "b")
        .create();
    let two_source = Sandbox::of(&two.clone().lua("/two", CODE).lua("/two/x", CODE).site_from("dir: static, prefix: two"))
        .file("static/a.txt", "a")
        .file("static/b.txt", "b")
        .create();
    one_source.sync(server.url(), &[]).exits(0);
    two_source.sync(server.url(), &[]).exits(0);
    assert_eq!((server.files().len(), server.functions().len()), (4, 4));

    one_source.declare(&one.lua("/one", CODE).site_from("dir: static, prefix: one"));
    one_source.remove("static/b.txt");
    let pruned = one_source.sync(server.url(), &[]).exits(0);
    assert_eq!(pruned.changes().into_iter().collect::<Vec<_>>(), ["delete /one/x", "delete one/b.txt"]);
    assert_eq!(server.files().into_keys().collect::<Vec<_>>(), ["one/a.txt", "two/a.txt", "two/b.txt"]);
    assert_eq!(server.functions().into_keys().collect::<Vec<_>>(), ["/one", "/two", "/two/x"]);
    let untouched = two_source.diff(server.url(), &[]).exits(0);
    assert!(untouched.changes().is_empty(), "{untouched}");
}

#[test]
fn a_site_without_a_prefix_leaves_the_files_of_another_application() {
    let server = Orchestrator::start();
    let other = Sandbox::of(&App::of(server.namespace()).named("other").site_from("dir: static, prefix: docs"))
        .file("static/a.txt", "docs")
        .create();
    other.sync(server.url(), &[]).exits(0);
    site(&server).create().sync(server.url(), &[]).exits(0);
    assert_eq!(server.files().into_keys().collect::<Vec<_>>(), ["a.txt", "b.txt", "docs/a.txt"]);
}

#[test]
fn what_another_application_owns_is_a_conflict_until_it_is_taken_over() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let first = site(&server).create();
    first.sync(server.url(), &[]).exits(0);
    let second = Sandbox::of(&App::of(server.namespace()).named("second").lua("/a", OTHER).lua("/mine", OTHER)).create();

    for verb in ["diff", "sync"] {
        let refused = second.run(&[verb, "--server", proxy.url(), "-o", "json"]).exits(7).fails_as("guard").says("`app`");
        assert_eq!(refused.change("/a")["action"], "conflict", "{refused}");
    }
    assert_eq!(proxy.writes().into_iter().filter(|line| !line.contains("/api/db/")).collect::<Vec<_>>(), Vec::<String>::new());
    second.sync(server.url(), &["--take-over=somebody"]).exits(7);
    assert_eq!(server.functions()["/a"].1, CODE);
    let unhurt = first.diff(server.url(), &["--detailed-exitcode"]).exits(0);
    assert!(unhurt.changes().is_empty(), "{unhurt}");

    second.sync(server.url(), &["--take-over=app"]).exits(0);
    assert_eq!(server.functions()["/a"].1, OTHER);
    // Now it is the other one's conflict.
    first.sync(server.url(), &[]).exits(7).fails_as("guard").says("`second`");
    assert_eq!(server.functions()["/a"].1, OTHER);
    // When the first lets go of it, it stays the second's.
    first.declare(&App::of(server.namespace()).lua("/b", CODE).site());
    first.sync(server.url(), &[]).exits(0);
    assert_eq!(server.functions().into_keys().collect::<Vec<_>>(), ["/a", "/b", "/mine"]);
    assert_eq!(server.functions()["/a"].1, OTHER);
}

#[test]
fn an_item_that_moves_to_another_application_survives_the_move() {
    let server = Orchestrator::start();
    let (one, two) = (App::of(server.namespace()).named("one"), App::of(server.namespace()).named("two"));
    let from = Sandbox::of(&one.clone().lua("/stays", CODE).lua("/moves", CODE)).create();
    let to = Sandbox::of(&two.lua("/moves", CODE)).create();
    from.sync(server.url(), &[]).exits(0);
    to.sync(server.url(), &["--take-over"]).exits(0);
    from.declare(&one.lua("/stays", CODE));
    let forgot = from.sync(server.url(), &[]).exits(0);
    assert_eq!(forgot.changes().into_iter().collect::<Vec<_>>(), ["forget /moves"]);
    assert_eq!(server.functions().into_keys().collect::<Vec<_>>(), ["/moves", "/stays"]);
    let settled = to.diff(server.url(), &["--detailed-exitcode"]).exits(0);
    assert!(settled.changes().is_empty(), "{settled}");
}

fn cloned(server: &Orchestrator, remote: &str) -> crate::support::Checkout {
    let source = site(server).repository().create();
    source.git(&["remote", "add", "origin", remote]);
    source
}

#[test]
fn a_copied_manifest_is_a_guard_that_names_both_sources() {
    let server = Orchestrator::start();
    cloned(&server, "https://git.example.com/me/original.git").sync(server.url(), &[]).exits(0);
    let copy = cloned(&server, "https://git.example.com/me/copy.git");
    copy.write("static/a.txt", "copied");
    for verb in ["diff", "sync"] {
        let refused = copy.run(&[verb, "--server", server.url(), "-o", "json"]).exits(7).fails_as("guard").says("--rebind");
        assert!(refused.said().contains("git.example.com/me/original") && refused.said().contains("git.example.com/me/copy"), "{refused}");
    }
    assert_eq!(server.files()["a.txt"], b"a");
    copy.sync(server.url(), &["--rebind"]).exits(0);
    assert_eq!(server.files()["a.txt"], b"copied");
    copy.sync(server.url(), &[]).exits(0);
}

#[test]
fn all_urls_of_one_repository_are_one_source_and_no_credential_is_recorded() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    cloned(&server, "https://user:s3cr3t@git.example.com/me/app.git").sync(proxy.url(), &[]).exits(0);
    assert!(!proxy.requests().iter().any(|request| String::from_utf8_lossy(&request.body).contains("s3cr3t")));
    for remote in ["git@git.example.com:me/app.git", "ssh://git@git.example.com:22/me/app", "https://git.example.com/me/app"] {
        let other = cloned(&server, remote);
        other.write("static/a.txt", remote);
        other.commit();
        other.sync(server.url(), &[]).exits(0);
        assert_eq!(server.files()["a.txt"], remote.as_bytes());
    }
}

#[test]
fn a_job_for_an_older_commit_is_a_guard_unless_that_is_meant() {
    let server = Orchestrator::start();
    let source = site(&server).repository().create();
    source.sync(server.url(), &[]).exits(0);
    let old = source.git(&["rev-parse", "HEAD"]);
    source.write("static/a.txt", "newer");
    let new = source.commit();
    source.sync(server.url(), &[]).exits(0);

    source.git(&["checkout", "--quiet", &old]);
    for verb in ["diff", "sync"] {
        let refused = source.run(&[verb, "--server", server.url(), "-o", "json"]).exits(7).fails_as("guard").says("--allow-older");
        assert!(refused.said().contains(&old[..7]) && refused.said().contains(&new[..7]), "{refused}");
    }
    assert_eq!(server.files()["a.txt"], b"newer");
    source.sync(server.url(), &["--allow-older"]).exits(0);
    assert_eq!(server.files()["a.txt"], b"a");
    // The one that was set back to is the newest now.
    source.sync(server.url(), &[]).exits(0);
}

/// A synced application that has something to do again, and the keys of its record.
fn recorded() -> (Orchestrator, crate::support::Checkout, Vec<String>) {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).create();
    source.sync(proxy.url(), &[]).exits(0);
    source.remove("static/b.txt");
    let removed = proxy.sent("DELETE /api/db/");
    let put = proxy.sent("PUT /api/db/");
    let target = |line: &String| line.split(' ').nth(1).expect("a target").to_owned();
    let mut keys: Vec<String> = put.iter().map(target).filter(|key| !removed.iter().map(target).any(|gone| gone == *key)).collect();
    keys.dedup();
    assert!(keys.iter().any(|key| key.contains(".h.")) && keys.iter().any(|key| key.contains("/s.")), "a head and a shard: {keys:?}");
    (server, source, keys)
}

#[track_caller]
fn set_value(server: &Orchestrator, target: &str, value: &Value) {
    assert_eq!(server.send("PUT", target, json!({ "value": value }).to_string().as_bytes()).status, 200);
}

#[test]
fn a_damaged_record_is_a_guard_that_names_it_and_deletes_nothing() {
    for part in [".h.", "/s."] {
        for damage in [Value::Null, json!(""), json!("{}"), json!({"a": 1}), json!(17), json!("zg1 "), json!("<html>")] {
            let (server, source, keys) = recorded();
            let key = keys.iter().find(|key| key.contains(part)).expect("a key");
            set_value(&server, key, &damage);
            let before = server.files();
            let refused = source.sync(server.url(), &[]).exits(7).fails_as("guard");
            let name = key.rsplit('/').next().expect("a name");
            assert!(refused.said().contains(name), "the key is named: {refused}");
            assert_eq!(server.files(), before, "{damage}");
            source.sync(server.url(), &["--adopt"]).exits(7);
            assert_eq!(server.files(), before, "{damage}");
        }
    }
}

#[test]
fn a_truncated_record_is_a_guard_and_the_command_it_names_recovers() {
    let (server, source, keys) = recorded();
    let head = keys.iter().find(|key| key.contains(".h.")).expect("a head");
    let value = server.send("GET", head, b"").parsed()["value"].as_str().expect("a string").to_owned();
    set_value(&server, head, &json!(value[..value.len() / 2]));
    let refused = source.sync(server.url(), &[]).exits(7).fails_as("guard");
    assert!(refused.json()["error"]["help"].as_str().is_some_and(|help| help.contains("`repair`")), "{refused}");
    assert_eq!(server.files().len(), 2);
    source.run(&["repair", "--server", server.url()]).exits(0);
    source.sync(server.url(), &[]).exits(0);
    assert_eq!(server.files().into_keys().collect::<Vec<_>>(), ["a.txt"]);
}

#[test]
fn a_record_of_a_newer_version_is_a_guard_and_stays_as_it_is() {
    let (server, source, keys) = recorded();
    let head = keys.iter().find(|key| key.contains(".h.")).expect("a head");
    let value = server.send("GET", head, b"").parsed()["value"].as_str().expect("a string").to_owned();
    let newer = value.replacen("zg1 ", "zg2 ", 1);
    assert_ne!(value, newer);
    set_value(&server, head, &json!(newer));
    source.sync(server.url(), &["--adopt"]).exits(7).fails_as("guard").says("format 2");
    assert_eq!(server.files().len(), 2);
    assert_eq!(server.send("GET", head, b"").parsed()["value"], newer);
}

/// A value as it is stored: whole, whatever it says.
fn sealed(body: &str) -> String {
    format!("zg1 {} {body}", Fingerprint::of_bytes(body.as_bytes()))
}

#[test]
fn a_record_that_was_forged_or_belongs_to_another_or_is_too_large_is_a_guard_and_nothing_is_touched() {
    let (server, source, keys) = recorded();
    let key = keys.iter().find(|key| key.contains(".h.")).expect("a head");
    let value = server.send("GET", key, b"").parsed()["value"].as_str().expect("a string").to_owned();
    let head: Value = serde_json::from_str(value.splitn(3, ' ').nth(2).expect("a body")).expect("JSON");
    let changed = |field: &str, value: Value| {
        let mut head = head.clone();
        head[field] = value;
        sealed(&head.to_string())
    };
    // Names that this program cannot have placed, in a shard that is whole.
    let outside = ["../neighbour/x.txt", "..", "", "a//b", "/x"].map(|name| {
        let shard = sealed(&json!([["s", name, null, 1, null, 0]]).to_string());
        let digest = Fingerprint::of_bytes(shard.as_bytes()).to_string();
        let (folder, _) = key.rsplit_once('/').expect("a key");
        let application: Vec<&str> = key.rsplit('/').next().expect("a key").split('.').skip(1).take(2).collect();
        set_value(&server, &format!("{folder}/s.{}.{digest}", application.join(".")), &json!(shard));
        changed("shards", json!([digest]))
    });
    let forged = [
        (changed("namespace", json!("neighbour")), "another application"),
        (changed("name", json!("../x")), "another application"),
        (changed("shards", json!("all")), "form of a record"),
        ("zg1 ".to_owned() + &"x".repeat(5 << 20), "larger than a record can be"),
    ];
    let outside = outside.map(|head| (head, "form of a record"));
    for (forged, why) in forged.into_iter().chain(outside) {
        set_value(&server, key, &json!(forged));
        let proxy = Proxy::before(&server);
        source.sync(proxy.url(), &["--adopt", "--take-over"]).exits(7).fails_as("guard").says(why);
        assert_eq!(proxy.writes(), Vec::<String>::new());
        assert_eq!(server.files().len(), 2, "{why}");
    }
    set_value(&server, key, &json!(value));
    source.sync(server.url(), &[]).exits(0);
}

#[test]
fn a_record_that_is_listed_and_not_given_out_is_no_absence() {
    let (server, source, keys) = recorded();
    for part in [".h.", "/s."] {
        let key = keys.iter().find(|key| key.contains(part)).expect("a key");
        let name = key.rsplit('/').next().expect("a name");
        let missing = Reply::json(404, &json!({"key": name, "value": null, "exists": false}));
        let failing = Reply::json(500, &json!({"error": "store is closed"}));
        for reply in [missing, failing] {
            let proxy = Proxy::before(&server);
            proxy.fault_always(&format!("GET {key}"), Fault::Answer(reply));
            let refused = source.sync(proxy.url(), &["--retries", "0", "--adopt"]);
            assert!([5, 7].contains(&refused.status), "{refused}");
            assert_eq!(proxy.writes(), Vec::<String>::new(), "{refused}");
            assert_eq!(server.files().len(), 2);
        }
    }
}

#[test]
fn a_neighbour_whose_record_cannot_be_read_loses_nothing() {
    let (server, neighbour, keys) = recorded();
    drop(neighbour);
    let shard = keys.iter().find(|key| key.contains("/s.")).expect("a shard");
    set_value(&server, shard, &json!("damaged"));
    let source = Sandbox::of(&App::of(server.namespace()).named("other").site()).file("static/mine.txt", "mine").create();
    source.sync(server.url(), &["--adopt"]).exits(7).fails_as("guard");
    assert_eq!(server.files().into_keys().collect::<Vec<_>>(), ["a.txt", "b.txt"]);
}
