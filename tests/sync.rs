//! A namespace becomes what a directory declares, and stays it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{App, Checkout, Fault, Orchestrator, Proxy, Reply, Running, Sandbox, fresh_namespace};

const HELLO: &str = "function handle(req) return \"hello\" end";
const BYE: &str = "function handle(req) return \"bye\" end";

fn files(all: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    all.iter().map(|(name, content)| ((*name).to_owned(), content.as_bytes().to_vec())).collect()
}

fn functions(all: &[(&str, &str)]) -> BTreeMap<String, (String, String)> {
    all.iter().map(|(path, code)| ((*path).to_owned(), ("lua".to_owned(), (*code).to_owned()))).collect()
}

fn site(server: &Orchestrator) -> Sandbox {
    let app = App::of(server.namespace()).lua("/hello", HELLO).function("/bye", "runtime: lua, codeFile: ./lua/bye.lua").site();
    let page = Sandbox::of(&app).file("lua/bye.lua", BYE);
    page.file("static/index.html", "<h1>hi</h1>").file("static/css/a.css", "a{}").file("static/docs/x.html", "x")
}

#[test]
fn a_first_sync_places_everything_and_a_second_sends_nothing() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).repository().create();

    let first = source.sync(proxy.url(), &[]).exits(0);
    assert_eq!(first.count("create"), 5, "{first}");
    assert_eq!(server.files(), files(&[("css/a.css", "a{}"), ("docs/x.html", "x"), ("index.html", "<h1>hi</h1>")]));
    assert_eq!(server.functions(), functions(&[("/hello", HELLO), ("/bye", BYE)]));

    proxy.forget();
    let second = source.sync(proxy.url(), &[]).exits(0);
    assert!(second.changes().is_empty(), "{second}");
    assert_eq!(second.count("unchanged"), 5);
    assert_eq!(proxy.writes(), Vec::<String>::new());
    let sent = proxy.requests().len();
    assert!(sent <= 6, "{sent} requests");
    assert_eq!(second.json()["applications"][0]["requests"], sent);
}

#[test]
fn every_kind_of_edit_converges_in_one_run_exactly_as_diff_had_said() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).file("static/old.txt", "moves").repository().create();
    source.sync(server.url(), &[]).exits(0);

    source.declare(&App::of(server.namespace()).lua("/hello", BYE).lua("/new", HELLO).site());
    source.write("static/index.html", "<h1>changed</h1>");
    source.write("static/added.js", "1");
    source.remove("static/docs");
    source.git(&["mv", "static/old.txt", "static/renamed.txt"]);
    source.commit();

    let expected: Vec<&str> = vec![
        "create /new",
        "create added.js",
        "create renamed.txt",
        "delete /bye",
        "delete docs/x.html",
        "delete old.txt",
        "update /hello",
        "update index.html",
    ];
    let foretold = source.diff(proxy.url(), &["--detailed-exitcode"]).exits(2);
    assert_eq!(foretold.changes().iter().map(String::as_str).collect::<Vec<_>>(), expected);
    assert_eq!(proxy.writes(), Vec::<String>::new(), "diff only reads");

    let synced = source.sync(server.url(), &[]).exits(0);
    assert_eq!(synced.changes(), foretold.changes());
    let page = [("added.js", "1"), ("css/a.css", "a{}"), ("index.html", "<h1>changed</h1>"), ("renamed.txt", "moves")];
    assert_eq!(server.files(), files(&page));
    assert_eq!(server.functions(), functions(&[("/hello", BYE), ("/new", HELLO)]));
    let after = source.diff(server.url(), &["--detailed-exitcode"]).exits(0);
    assert!(after.changes().is_empty(), "{after}");
}

#[test]
fn diff_without_a_detailed_exit_code_ends_well_although_changes_are_pending() {
    let server = Orchestrator::start();
    let source = site(&server).create();
    let pending = source.diff(server.url(), &[]).exits(0);
    assert_eq!(pending.count("create"), 5);
    assert!(server.files().is_empty() && server.functions().is_empty());
}

#[test]
fn what_json_says_of_a_change_is_enough_to_check_it() {
    let server = Orchestrator::start();
    let source = site(&server).repository().create();
    let commit = source.git(&["rev-parse", "HEAD"]);
    let synced = source.sync(server.url(), &[]).exits(0);

    let json = synced.json();
    assert_eq!(json["format_version"], "1.0");
    let app = &json["applications"][0];
    assert_eq!((&app["application"], &app["namespace"]), (&json!("app"), &json!(server.namespace())));
    assert_eq!(app["revision"], commit);
    let change = synced.change("css/a.css");
    assert_eq!((&change["kind"], &change["action"], &change["size"]), (&json!("static_file"), &json!("create"), &json!(3)));
    assert_eq!((&change["before"], change["after"].as_str().map(str::len)), (&Value::Null, Some(64)), "{change}");
    assert!(change["reason"].is_string() && change["outcome"].is_string(), "{change}");
    assert_eq!(synced.change("/hello")["kind"], "function");

    source.write("static/css/a.css", "b{}");
    let dirty = source.diff(server.url(), &[]).exits(0);
    assert_eq!(dirty.json()["applications"][0]["revision"], format!("{commit}-dirty"));
    assert_eq!(dirty.change("css/a.css")["before"], change["after"]);
}

#[test]
fn a_preview_goes_to_another_namespace_and_leaves_the_first_alone() {
    let server = Orchestrator::start();
    let source = site(&server).create();
    source.sync(server.url(), &[]).exits(0);

    let preview = fresh_namespace();
    source.write("static/index.html", "preview");
    let synced = source.sync(server.url(), &["--namespace", &preview]).exits(0);
    assert_eq!(synced.json()["applications"][0]["namespace"], preview);
    assert_eq!(server.files_of(&preview)["index.html"], b"preview");
    assert_eq!(server.functions_of(&preview).len(), 2);
    assert_eq!(server.files()["index.html"], b"<h1>hi</h1>");
}

#[test]
fn several_sources_are_runs_of_their_own_and_go_on_past_a_bad_one() {
    let server = Orchestrator::start();
    let (one, two) = (server.namespace().to_owned(), fresh_namespace());
    let source = Sandbox::empty()
        .file("one/zerverless.yaml", App::of(&one).lua("/one", HELLO).yaml())
        .file("bad/zerverless.yaml", "kind: Nothing")
        .file("two/zerverless.yaml", App::of(&two).lua("/two", HELLO).yaml())
        .create();

    let synced = source.run(&["sync", "one", "bad", "two", "--server", server.url(), "-o", "json"]).exits(3);
    assert_eq!(server.functions_of(&one), functions(&[("/one", HELLO)]), "{synced}");
    assert_eq!(server.functions_of(&two), functions(&[("/two", HELLO)]), "{synced}");
}

#[test]
fn recursive_takes_every_manifest_of_a_monorepo() {
    let server = Orchestrator::start();
    let (one, two) = (server.namespace().to_owned(), fresh_namespace());
    let source = Sandbox::empty()
        .file("apps/one/zerverless.yaml", App::of(&one).lua("/one", HELLO).yaml())
        .file("apps/deep/two/zerverless.yaml", App::of(&two).lua("/two", HELLO).yaml())
        .repository()
        .create();

    let synced = source.sync(server.url(), &["--recursive"]).exits(0);
    assert_eq!(synced.json()["applications"].as_array().map(Vec::len), Some(2));
    assert_eq!((server.functions_of(&one).len(), server.functions_of(&two).len()), (1, 1));
    let none = Sandbox::empty().create().run(&["validate", "--recursive"]);
    none.exits(4);
}

#[test]
fn markdown_starts_with_a_marker_for_updating_it_and_shows_no_code_unless_asked() {
    let server = Orchestrator::start();
    let source = site(&server).create();
    source.sync(server.url(), &[]).exits(0);
    source.declare(&App::of(server.namespace()).lua("/hello", BYE).site());
    let markdown = |more: &[&str]| {
        let arguments = [&["diff", "--server", server.url(), "-o", "markdown"], more].concat();
        source.run(&arguments).exits(0).stdout
    };
    let plain = markdown(&[]);
    assert!(plain.starts_with("<!--"), "{plain}");
    assert!(plain.contains("/hello") && plain.contains("/bye"), "{plain}");
    assert!(!plain.contains("function handle"), "{plain}");
    let with_code = markdown(&["--show-code"]);
    assert!(with_code.contains("function handle"), "{with_code}");
    assert_eq!(plain.lines().next(), with_code.lines().next());
}

#[test]
fn the_server_comes_from_the_flag_before_the_environment() {
    let server = Orchestrator::start();
    let source = site(&server).create();
    let with_env = |arguments: &[&str], url: &str| {
        let mut command = source.command(arguments);
        command.env("ZERVERLESS_URL", url);
        Running::start(command).finish()
    };
    with_env(&["sync"], server.url()).exits(0);
    assert_eq!(server.files().len(), 3);
    with_env(&["diff", "--server", server.url(), "--detailed-exitcode"], "http://127.0.0.1:1").exits(0);
}

#[test]
fn a_token_is_sent_with_every_request_and_never_shown() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).file("token", "s3cr3t-canary\n").create();
    let synced = source.sync(proxy.url(), &["--token-file", "token", "-v"]).exits(0);
    assert!(!synced.said().contains("s3cr3t-canary"));
    for request in proxy.requests() {
        assert_eq!(request.header("authorization"), Some("Bearer s3cr3t-canary"), "{}", request.line());
    }
}

#[test]
fn without_pruning_what_is_no_longer_declared_stays_until_a_run_that_prunes() {
    let server = Orchestrator::start();
    let source = site(&server).create();
    source.sync(server.url(), &[]).exits(0);
    source.remove("static/docs");
    let kept = source.sync(server.url(), &["--no-prune"]).exits(0);
    assert!(kept.changes().is_empty(), "{kept}");
    assert_eq!(server.files().len(), 3);
    let pruned = source.sync(server.url(), &[]).exits(0);
    assert_eq!(pruned.changes().into_iter().collect::<Vec<_>>(), ["delete docs/x.html"]);
    assert_eq!(server.files().len(), 2);
}

#[test]
fn a_site_with_a_prefix_mirrors_only_what_lies_below_it() {
    let server = Orchestrator::start();
    server.put_file("elsewhere.txt", "by hand");
    let app = App::of(server.namespace()).site_from("dir: static, prefix: docs");
    let source = Sandbox::of(&app).file("static/a.txt", "a").file("static/b.txt", "b").create();
    source.sync(server.url(), &[]).exits(0);
    server.put_file("docs/stray.txt", "by hand");
    source.remove("static/b.txt");
    source.sync(server.url(), &[]).exits(0);
    assert_eq!(server.files(), files(&[("docs/a.txt", "a"), ("elsewhere.txt", "by hand")]));
}

#[test]
fn a_page_never_comes_before_its_assets_nor_a_deletion_before_the_pages() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source =
        Sandbox::of(&App::of(server.namespace()).site()).file("static/app.1.js", "old").file("static/index.html", "app.1.js").create();
    source.sync(server.url(), &[]).exits(0);

    source.remove("static/app.1.js");
    for asset in 0..12 {
        source.write(format!("static/app.2.{asset}.js"), "new");
    }
    source.write("static/about.html", "app.2.1.js");
    source.write("static/index.html", "app.2.2.js");
    source.sync(proxy.url(), &["--parallelism", "8"]).exits(0);

    let kind = |line: &String| match line.rsplit('/').next() {
        _ if line.starts_with("DELETE") => "deletion",
        Some("index.html") => "index",
        Some("about.html") => "page",
        _ => "asset",
    };
    let writes: Vec<String> = proxy.writes().into_iter().filter(|line| line.contains("/api/storage/")).collect();
    let mut order: Vec<&str> = writes.iter().map(kind).collect();
    order.dedup();
    assert_eq!(order, ["asset", "page", "index", "deletion"], "{writes:#?}");
}

#[test]
fn a_file_changed_by_hand_is_found_by_a_full_verification() {
    let server = Orchestrator::start();
    let source = site(&server).create();
    source.sync(server.url(), &[]).exits(0);
    server.put_file("css/a.css", "tampered");

    let by_record = source.diff(server.url(), &[]).exits(0);
    assert!(by_record.changes().is_empty(), "{by_record}");
    let full = source.sync(server.url(), &["--verify", "full"]).exits(0);
    assert_eq!(full.changes().into_iter().collect::<Vec<_>>(), ["update css/a.css"]);
    assert_eq!(server.files()["css/a.css"], b"a{}");
}

#[test]
fn a_file_removed_by_hand_comes_back() {
    let server = Orchestrator::start();
    let source = site(&server).create();
    source.sync(server.url(), &[]).exits(0);
    server.delete_file("css/a.css");
    let synced = source.sync(server.url(), &[]).exits(0);
    assert_eq!(synced.changes().into_iter().collect::<Vec<_>>(), ["create css/a.css"]);
    assert_eq!(server.files()["css/a.css"], b"a{}");
}

/// A sync that stands still in the middle of its changes.
fn standing_still(source: &Checkout, proxy: &Proxy) -> Running {
    proxy.fault("PUT /api/storage/", 2, Fault::Stall);
    let run = source.start_sync(proxy.url(), &[]);
    proxy.wait_until_stalled();
    run
}

#[test]
fn a_second_run_is_busy_while_the_first_is_at_work_and_has_nothing_to_do_after_it() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).create();
    let first = standing_still(&source, &proxy);
    source.sync(server.url(), &["--lock-timeout", "1ms"]).exits(9).fails_as("busy");
    proxy.release();
    first.finish().exits(0);
    let after = source.sync(server.url(), &[]).exits(0);
    assert!(after.changes().is_empty(), "{after}");
}

#[test]
fn a_run_that_waited_for_another_one_finds_nothing_to_do() {
    let server = Orchestrator::start();
    let (proxy, second_proxy) = (Proxy::before(&server), Proxy::before(&server));
    let source = site(&server).create();
    let first = standing_still(&source, &proxy);
    let second = source.start_sync(second_proxy.url(), &[]);
    // It saw the other one and looks again.
    second_proxy.wait_for("GET /api/deploy", 2);
    proxy.release();
    first.finish().exits(0);
    let second = second.finish().exits(0);
    assert!(second.changes().is_empty(), "{second}");
    let items: Vec<String> = second_proxy.writes().into_iter().filter(|line| !line.contains("/api/db/")).collect();
    assert_eq!(items, Vec::<String>::new());
}

/// What a server says that has been up for so long.
fn up_for(seconds: u64) -> Fault {
    let info = json!({"node_id": "somebody", "version": "0.1.0", "uptime_seconds": seconds});
    Fault::Answer(Reply::json(200, &info).header("Date", &httpdate::fmt_http_date(std::time::SystemTime::now())))
}

#[test]
fn after_a_restart_of_the_server_what_the_last_run_wrote_is_verified_once() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).create();
    proxy.fault_always("GET /info", up_for(86_400));
    source.sync(proxy.url(), &[]).exits(0);
    // It lost power before the file was on the disk.
    server.put_file("css/a.css", "");
    let unaware = source.sync(proxy.url(), &[]).exits(0);
    assert!(unaware.changes().is_empty(), "{unaware}");

    proxy.forget();
    proxy.fault_always("GET /info", up_for(60));
    let restored = source.sync(proxy.url(), &[]).exits(0);
    assert_eq!(restored.changes().into_iter().collect::<Vec<_>>(), ["update css/a.css"]);
    assert_eq!(server.files()["css/a.css"], b"a{}");

    source.sync(proxy.url(), &[]).exits(0);
    proxy.forget();
    proxy.fault_always("GET /info", up_for(60));
    source.sync(proxy.url(), &[]).exits(0);
    assert!(proxy.requests().len() <= 6 && proxy.writes().is_empty(), "{:?}", proxy.requests());
}
