//! Every form of a Git source, and every way to say which commit.

use crate::support::{App, Checkout, Fault, GitHost, Orchestrator, Outcome, Proxy, Running, Sandbox, Sshd};

const CODE: &str = "function handle() end";

fn site(namespace: &str) -> Sandbox {
    Sandbox::of(&App::of(namespace).lua("/x", CODE).site()).file("static/index.html", "one").file("static/same.txt", "same")
}

#[track_caller]
fn index(server: &Orchestrator) -> String {
    String::from_utf8(server.files()["index.html"].clone()).expect("text")
}

#[track_caller]
fn sync(source: &Checkout, url: &str, server: &Orchestrator, more: &[&str]) -> Outcome {
    source.run(&[&["sync", url, "--server", server.url(), "-o", "json"], more].concat())
}

#[track_caller]
fn revision(outcome: &Outcome) -> String {
    outcome.json()["applications"][0]["revision"].as_str().expect("a revision").to_owned()
}

#[test]
fn a_url_is_deployed_from_its_default_branch_and_the_second_run_fetches_nothing() {
    let server = Orchestrator::start();
    let source = site(server.namespace()).repository().create();
    let host = GitHost::of(&source);
    let commit = source.git(&["rev-parse", "HEAD"]);
    let first = sync(&source, &host.app(), &server, &[]).exits(0);
    assert_eq!((revision(&first), index(&server).as_str()), (commit, "one"));
    assert_eq!(first.json()["applications"][0]["source"], "127.0.0.1/app");

    host.take_requests();
    let proxy = Proxy::before(&server);
    let second = source.run(&["sync", &host.app(), "--server", proxy.url(), "-o", "json"]).exits(0);
    assert!(second.changes().is_empty(), "{second}");
    assert_eq!(host.take_requests(), ["GET /app.git/info/refs?service=git-upload-pack HTTP/1.1"]);
    assert_eq!((proxy.writes(), proxy.requests().len()), (Vec::new(), 6));
    assert!(source.path(".zerverless").exists().eq(&false) && source.git(&["status", "--porcelain"]).is_empty(), "nothing is checked out");
}

#[test]
fn branch_tag_commit_and_subdirectory_choose_what_is_deployed() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).site()).file("static/index.html", "main").repository().create();
    let first = source.git(&["rev-parse", "HEAD"]);
    source.write("static/index.html", "tagged");
    source.commit();
    source.git(&["tag", "light"]);
    source.git(&["tag", "--annotate", "--message", "x", "annotated"]);
    source.git(&["checkout", "--quiet", "-b", "feature/x"]);
    source.write("static/index.html", "branch");
    source.git(&["mv", "zerverless.yaml", "static/moved.yaml"]);
    source.write("apps/web/zerverless.yaml", App::of(server.namespace()).site_from("dir: ../../static, exclude: [moved.yaml]").yaml());
    let third = source.commit();
    source.git(&["checkout", "--quiet", "main"]);
    source.write("static/index.html", "newest");
    source.commit();
    let host = GitHost::of(&source);
    let app = host.app();
    let local = format!("file://{}", host.path("app.git").display());
    let bare = host.path("app.git").display().to_string();
    for (place, which, told) in [
        ([app.as_str(), &local, &bare], vec![], "newest"),
        ([&app, &local, &bare], vec!["--branch", "main"], "newest"),
        ([&app, &local, &bare], vec!["--revision", "HEAD"], "newest"),
        ([&app, &local, &bare], vec!["--revision", "light"], "tagged"),
        ([&app, &local, &bare], vec!["--revision", "annotated"], "tagged"),
        ([&app, &local, &bare], vec!["--revision", "refs/tags/annotated"], "tagged"),
        ([&app, &local, &bare], vec!["--revision", &first], "main"),
        ([&app, &local, &bare], vec!["--revision", &first[..8]], "main"),
        ([&app, &local, &bare], vec!["--branch", "feature/x", "--subdir", "apps/web"], "branch"),
        ([&app, &local, &bare], vec!["--revision", &third, "--subdir", "./apps/web"], "branch"),
    ] {
        for url in place {
            // In a namespace of the server's own and with a record of its own, so that no guard speaks of what came before.
            let all = [&["sync", url, "--server", server.url(), "--allow-older", "--rebind", "-o", "json"], which.as_slice()].concat();
            source.run(&all).exits(0);
            assert_eq!(index(&server), told, "{all:?}");
        }
    }
    source.run(&["validate", &app, "--branch", "feature/x"]).exits(3).says("zerverless.yaml");
    source.run(&["validate", &app, "--subdir", "../x"]).exits(4).says("--subdir");
    let listed = source.run(&["validate", &app, "--branch", "feature/x", "--recursive"]).exits(0);
    assert!(listed.said().contains("apps/web/zerverless.yaml"), "{listed}");
}

#[test]
fn a_branch_and_a_tag_of_one_name_are_told_apart_the_same_way_by_every_command() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).site()).file("static/index.html", "tag").repository().create();
    let tagged = source.git(&["rev-parse", "HEAD"]);
    source.git(&["tag", "both"]);
    source.git(&["checkout", "--quiet", "-b", "both"]);
    source.write("static/index.html", "branch");
    let branched = source.commit();
    let host = GitHost::of(&source);
    for place in [host.app(), format!("file://{}", host.path("app.git").display()), ".".to_owned()] {
        for (which, commit) in
            [(["--revision", "both"], &tagged), (["--branch", "both"], &branched), (["--revision", "refs/heads/both"], &branched)]
        {
            let all = [&["diff", &place, "--server", server.url(), "-o", "json"], which.as_slice()].concat();
            assert_eq!(&revision(&source.run(&all).exits(0)), commit, "{all:?}");
        }
    }
}

#[test]
fn what_does_not_exist_is_an_error_of_the_source_and_nothing_is_sent() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(server.namespace()).repository().create();
    let host = GitHost::of(&source);
    source.git(&["init", "--quiet", "--bare", &host.path("empty.git").display().to_string()]);
    let app = host.app();
    for (arguments, told) in [
        (vec![app.as_str(), "--branch", "mian"], "did you mean `main`"),
        (vec![&app, "--branch=-x"], "has no branch"),
        (vec![&app, "--revision", "0123456789012345678901234567890123456789"], "has no commit"),
        (vec![&app, "--revision", "01234567"], "has no commit"),
        (vec![&app, "--revision", "HEAD~1"], "refs/heads/main"),
        (vec![&host.url("empty.git")], "is empty"),
        (vec![&host.url("nothing.git")], "404"),
        (vec![&app.replace("http", "https")], "cannot read https://127.0.0.1"),
        (vec!["http://127.0.0.1:1/app.git"], "refused"),
        (vec!["https://no-such-host.invalid/app.git"], "no-such-host.invalid"),
        (vec!["file:///nowhere/app.git"], "no Git repository"),
        (vec![&app, "--branch", "main", "--git-token-file", "/nowhere"], "--git-token-file"),
    ] {
        let run = source.run(&[&["sync", "--server", proxy.url()], arguments.as_slice()].concat());
        let expected = if told == "--git-token-file" { 64 } else { 4 };
        let _ = run.exits(expected).says(told);
    }
    source.run(&["sync", &app, "--branch", "a", "--revision", "b"]).exits(64);
    assert!(proxy.requests().is_empty());
}

#[test]
fn a_push_during_a_run_never_mixes_two_commits() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(server.namespace()).file("static/a.txt", "old").repository().create();
    let host = GitHost::of(&source);
    proxy.fault("PUT /api/storage", 1, Fault::Stall);
    let running = Running::start(source.command(&["sync", &host.app(), "--server", proxy.url()]));
    proxy.wait_until_stalled();
    for file in ["static/index.html", "static/a.txt", "static/same.txt"] {
        source.write(file, "new");
    }
    source.commit();
    host.push(&source, "app.git");
    proxy.release();
    let _ = running.finish().exits(0);
    let contents: Vec<Vec<u8>> = server.files().into_values().collect();
    assert_eq!(contents, [b"old".to_vec(), b"one".to_vec(), b"same".to_vec()]);
    sync(&source, &host.app(), &server, &[]).exits(0);
    assert!(server.files().values().all(|content| content == b"new"));
}

#[test]
fn a_rewritten_branch_is_applied_a_deleted_one_is_an_error_and_a_renamed_default_is_followed() {
    let server = Orchestrator::start();
    let source = site(server.namespace()).repository().create();
    let host = GitHost::of(&source);
    source.write("static/index.html", "two");
    source.commit();
    host.push(&source, "app.git");
    sync(&source, &host.app(), &server, &["--branch", "main"]).exits(0);

    source.write("static/index.html", "rewritten");
    source.git(&["commit", "--quiet", "--all", "--amend", "--message", "another"]);
    host.push(&source, "app.git");
    sync(&source, &host.app(), &server, &["--branch", "main"]).exits(0);
    assert_eq!(index(&server), "rewritten");

    source.git(&["branch", "--move", "main", "trunk"]);
    host.push(&source, "app.git");
    let before = server.files();
    sync(&source, &host.app(), &server, &["--branch", "main"]).exits(4).says("has no branch `main`");
    sync(&source, &host.app(), &server, &[]).exits(4).says("name one with --branch: it has trunk");
    assert_eq!(server.files(), before, "nothing is deleted because a branch is gone");

    source.git(&["--git-dir", &host.path("app.git").display().to_string(), "symbolic-ref", "HEAD", "refs/heads/trunk"]);
    sync(&source, &host.app(), &server, &[]).exits(0);
}

#[test]
fn that_a_branch_was_rewritten_is_said_wherever_it_is_read_from() {
    let server = Orchestrator::start();
    let source = site(server.namespace()).repository().create();
    let (host, sshd) = (GitHost::of(&source), Sshd::start(&["ed25519"]));
    let key = sshd.key("key", "ed25519", "", true).display().to_string();
    let known = sshd.known_hosts("ed25519").display().to_string();
    let (bare, http) = (host.path("app.git"), host.app());
    let (ssh, file) = (sshd.url(&bare), format!("file://{}", bare.display()));
    let ways: [&[&str]; 4] = [&[&http], &[&ssh, "--ssh-key", &key, "--known-hosts", &known], &[&file], &["."]];
    let mut number = 0;
    let mut change = |amend: bool| {
        number += 1;
        source.write("static/index.html", number.to_string());
        if amend {
            source.git(&["commit", "--quiet", "--all", "--amend", "--message", "another"]);
        } else {
            source.commit();
        }
        host.push(&source, "app.git");
    };
    let say = |way: &[&str]| {
        let arguments = [&["sync", way[0], "--server", server.url(), "-o", "json", "--rebind"], &way[1..]].concat();
        let run = source.run(&arguments).exits(0);
        let told = run.json()["applications"][0].clone();
        let said = told["warnings"].to_string().contains("`main` was rewritten");
        assert_eq!(said, told["rewritten"].is_string(), "{run}");
        (told["rewritten"].as_str().map(str::to_owned), told["revision"].as_str().expect("a commit").to_owned())
    };
    for way in ways {
        change(false);
        say(way);
        change(false);
        let (none, before) = say(way);
        assert_eq!(none, None, "{way:?}: the branch only went on");
        change(true);
        let (rewritten, after) = say(way);
        assert_eq!(rewritten, Some(before), "{way:?}");
        assert_eq!(say(way), (None, after), "{way:?}: it is said once");
    }
    // What was applied last is not even kept there any more.
    let (_, before) = say(ways[0]);
    change(true);
    let git_dir = bare.display().to_string();
    source.git(&["--git-dir", &git_dir, "gc", "--quiet", "--prune=now"]);
    let human = source.run(&["diff", &http, "--server", server.url(), "--rebind"]).exits(0).says("`main` was rewritten");
    assert!(human.said().contains(&before[..12]), "{human}");
    assert_eq!(say(ways[0]).0, Some(before));
}

#[test]
fn only_what_changed_is_fetched_and_the_same_commit_from_a_checkout_finds_nothing_to_do() {
    let server = Orchestrator::start();
    // Text that nothing makes smaller.
    let mut state = 1_u64;
    let mut letter = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        b'0' + (state % 64) as u8
    };
    let blob: Vec<u8> = (0..200_000).map(|_| letter()).collect();
    let source = site(server.namespace()).file("static/large.txt", blob).repository().create();
    let host = GitHost::of(&source);
    sync(&source, &host.app(), &server, &[]).exits(0);
    source.write("static/index.html", "two");
    source.commit();
    host.push(&source, "app.git");
    let second = sync(&source, &host.app(), &server, &[]).exits(0);
    assert_eq!(second.changes().into_iter().collect::<Vec<_>>(), ["update index.html"]);
    let packs = source.fetched_packs(".cache");
    let mut sizes: Vec<u64> = packs.iter().map(|pack| pack.metadata().expect("a pack").len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes.len(), 2, "{sizes:?}");
    assert!(sizes[0] < 2000 && sizes[1] > 50_000, "the second pack holds what changed: {sizes:?}");

    // A checkout whose remote is that URL, in whichever form, is the same source.
    source.git(&["remote", "add", "origin", "git@127.0.0.1:app.git"]);
    let third = source.sync(server.url(), &[]).exits(0);
    assert!(third.changes().is_empty(), "{third}");
}

#[test]
fn the_manifests_own_idea_of_its_source_is_compared() {
    let source = Sandbox::empty()
        .file("zerverless.yaml", "apiVersion: zerverless.io/v1\nkind: Application\nmetadata: {name: a, namespace: b}\nspec:\n  source: {repoURL: https://elsewhere.example/app}\n")
        .repository()
        .create();
    let host = GitHost::of(&source);
    source.run(&["validate", &host.app()]).exits(0).says("ZG105");
    source.run(&["validate", &host.app(), "--strict"]).exits(3).says("elsewhere.example/app");
}
