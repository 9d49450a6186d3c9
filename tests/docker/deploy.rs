//! Containers really replaced, really removed, and looked at.

use rustix::process::Signal;

use super::{World, page_server, web};
use crate::support::{App, Fault, Orchestrator, PAGE_SERVER, Proxy, Sandbox};

#[test]
fn a_change_of_the_context_or_the_dockerfile_replaces_the_container_and_nothing_else_does() {
    let world = World::new();
    let first = world.source.sync(world.url(), &[]).exits(0);
    assert_eq!((first.count("create"), world.page()), (1, "one".to_owned()));
    assert_eq!(world.containers(), [world.container("/web")]);

    // Nothing changed: not even the engine is asked.
    let again = world.source.sync(world.url(), &["--engine", "unix:///nowhere/docker.sock"]).exits(0);
    assert_eq!(again.count("unchanged"), 1);

    world.source.write("web/www/index.html", "two");
    let diff = world.source.diff(world.url(), &[]).exits(0);
    let change = diff.change("/web");
    assert_eq!(change["action"], "replace");
    assert!(change["reason"].as_str().is_some_and(|reason| reason.contains("away while its container is replaced")), "{change}");
    world.proxy.forget();
    let second = world.source.sync(world.url(), &[]).exits(0);
    assert_eq!((second.count("replace"), world.page()), (1, "two".to_owned()));
    assert_eq!(world.containers(), [world.container("/web")]);
    let function = format!("/api/deploy/{}/web", world.orchestrator.namespace());
    let calls: Vec<String> = world.proxy.writes().into_iter().filter(|line| line.ends_with(&function)).collect();
    assert_eq!(calls, [format!("DELETE {function}"), format!("POST {function}")]);

    world.source.write("web/Dockerfile", PAGE_SERVER.replace("EXPOSE 8080", "ENV A=1\nEXPOSE 8080"));
    assert_eq!(world.source.sync(world.url(), &[]).exits(0).count("replace"), 1);
    assert_eq!(world.source.sync(world.url(), &[]).exits(0).count("unchanged"), 1);
}

#[test]
fn a_run_killed_between_delete_and_post_is_mended_by_the_next_one() {
    let world = World::new();
    let _ = world.source.sync(world.url(), &[]).exits(0);
    world.source.write("web/www/index.html", "two");
    let function = format!("POST /api/deploy/{}/web", world.orchestrator.namespace());
    world.proxy.fault(&function, 1, Fault::Stall);
    let run = world.source.start_sync(world.url(), &[]);
    world.proxy.wait_until_stalled();
    run.signal(Signal::KILL);
    let _ = run.finish();
    assert!(world.orchestrator.functions().is_empty());
    let next = Proxy::before(&world.orchestrator);
    let _ = world.source.sync(next.url(), &[]).exits(0);
    assert_eq!(world.containers(), [world.container("/web")]);
    assert_eq!(world.source.sync(next.url(), &[]).exits(0).count("unchanged"), 1);
}

#[test]
fn a_container_that_becomes_another_runtime_is_stopped_and_back_again() {
    let world = World::new();
    let _ = world.source.sync(world.url(), &[]).exits(0);
    world.source.declare(&world.app().lua("/web", "function handle() return {} end"));
    assert_eq!(world.source.sync(world.url(), &[]).exits(0).count("replace"), 1);
    assert!(world.containers().is_empty());
    assert_eq!(world.orchestrator.functions()["/web"].0, "lua");
    world.source.declare(&web(world.orchestrator.namespace()));
    let _ = world.source.sync(world.url(), &[]).exits(0);
    assert_eq!((world.page(), world.containers()), ("one".to_owned(), vec![world.container("/web")]));
}

#[test]
fn a_function_that_is_no_longer_declared_leaves_no_container() {
    let world = World::new();
    world.source.declare(&web(world.orchestrator.namespace()).lua("/a", "x = 1"));
    let _ = world.source.sync(world.url(), &[]).exits(0);
    world.source.declare(&world.app().lua("/a", "x = 1"));
    assert_eq!(world.source.sync(world.url(), &[]).exits(0).count("delete"), 1);
    assert!(world.containers().is_empty());
}

/// With a real orchestrator, whose process is not ours to end, this shows the same as the test above.
#[test]
fn after_a_restart_of_the_orchestrator_nothing_is_left_either() {
    for next in ["nothing", "lua"] {
        let mut world = World::new();
        world.source.declare(&web(world.orchestrator.namespace()).lua("/a", "x = 1"));
        let _ = world.source.sync(world.url(), &[]).exits(0);
        world.restart();
        let without = world.app().lua("/a", "x = 1");
        world.source.declare(&if next == "lua" { without.lua("/web", "x = 1") } else { without });
        let _ = world.source.sync(world.url(), &[]).exits(0);
        assert!(world.containers().is_empty(), "{next}");
    }
}

#[test]
fn a_program_that_ends_at_once_is_deployed_and_not_running_until_it_is_mended() {
    let broken = PAGE_SERVER.replace("\"httpd\"", "\"false\"");
    let world = World::with_dockerfile(&broken);
    let wait = ["--wait-timeout", "2s"];
    let run = world.source.sync(world.url(), &wait).exits(6);
    let change = run.change("/web");
    assert_eq!(change["outcome"], "failed");
    assert!(change["error"].as_str().is_some_and(|why| why.starts_with("deployed, not running: ")), "{change}");
    // Nobody takes it for done: the next run tries again.
    assert_eq!(world.source.sync(world.url(), &wait).exits(6).count("failed"), 1);
    world.source.write("web/Dockerfile", PAGE_SERVER);
    let _ = world.source.sync(world.url(), &wait).exits(0);
    assert_eq!(world.page(), "one");
}

#[test]
fn with_no_wait_nobody_looks() {
    let world = World::with_dockerfile(&PAGE_SERVER.replace("\"httpd\"", "\"false\""));
    let _ = world.source.sync(world.url(), &["--no-wait"]).exits(0);
}

#[test]
fn a_health_path_is_called_until_it_answers() {
    let namespace = crate::support::fresh_namespace();
    let orchestrator = Orchestrator::start();
    let engine = crate::support::Leftovers(namespace.clone());
    let proxy = Proxy::before(&orchestrator);
    let app = |health: &str, port: &str| {
        App::of(&namespace).function("/web", &format!("runtime: docker, context: ./web, health: {health}{port}"))
    };
    // It listens after a while only.
    let slow =
        PAGE_SERVER.replace("\"httpd\", \"-f\"", "\"sh\", \"-c\", \"/bin/busybox sleep 3; exec /bin/busybox httpd -f \\\"$@\\\"\", \"x\"");
    let source = page_server(&app("/index.html", ""), &slow);
    let _ = source.sync(proxy.url(), &[]).exits(0);
    let path = format!("/{namespace}/web/index.html");
    let called = proxy.sent(&format!("GET {path}"));
    assert!(!called.is_empty());
    assert_eq!(crate::support::get(proxy.address(), &path).body, b"one");

    // Behind the wrong port nothing ever answers.
    source.declare(&app("/index.html", ", port: 81"));
    let run = source.sync(proxy.url(), &["--wait-timeout", "3s"]).exits(6);
    let why = run.change("/web")["error"].as_str().unwrap_or_default().to_owned();
    assert!(why.starts_with("deployed, not running: ") && why.contains("/web/index.html"), "{why}");
    drop(engine);
}

#[test]
fn health_belongs_to_every_runtime() {
    let orchestrator = Orchestrator::start();
    // Nobody can call this one: the server answers 503.
    let source = Sandbox::of(&App::of(orchestrator.namespace()).function("/w", "runtime: wasm, code: x, health: /healthz")).create();
    let run = source.sync(orchestrator.url(), &["--wait-timeout", "1s"]).exits(6);
    let why = run.change("/w")["error"].as_str().unwrap_or_default().to_owned();
    assert!(why.starts_with("deployed, not running: ") && why.contains("/w/healthz"), "{why}");
    let _ = source.run(&["sync", "--local", "--wait-timeout", "1s"]).exits(6).says("/w/healthz");
}

#[test]
fn without_health_no_code_of_the_user_is_called() {
    let world = World::new();
    let _ = world.source.sync(world.url(), &[]).exits(0);
    assert_eq!(world.proxy.sent(&format!("GET /{}/", world.orchestrator.namespace())), Vec::<String>::new());
}

#[test]
fn two_functions_that_share_a_container_are_refused() {
    let both = "runtime: docker, image: \"a:1\"";
    let app = App::of("ns").function("/a/b", both).function("/a-b", both);
    let _ = Sandbox::of(&app).create().run(&["validate"]).exits(3).says("ZG032");

    let orchestrator = Orchestrator::start();
    let namespace = orchestrator.namespace();
    let body = serde_json::json!({"runtime": "docker", "code": "no-such-image:1"}).to_string();
    let other = format!("/api/deploy/{namespace}-b/c");
    assert_eq!(orchestrator.send("POST", &other, body.as_bytes()).status, 201);
    let proxy = Proxy::before(&orchestrator);
    let source = Sandbox::of(&App::of(namespace).function("/b-c", both)).create();
    let _ = source.sync(proxy.url(), &[]).exits(7).fails_as("guard").says(&format!("/{namespace}-b/c"));
    let _ = source.diff(proxy.url(), &[]).exits(7);
    assert_eq!(proxy.writes(), Vec::<String>::new());
    let _ = orchestrator.send("DELETE", &other, b"");
}

#[test]
fn a_function_that_somebody_deployed_anew_is_replaced_although_it_looks_the_same() {
    let world = World::new();
    let _ = world.source.sync(world.url(), &[]).exits(0);
    let function = format!("/api/deploy/{}/web", world.orchestrator.namespace());
    let same = serde_json::json!({"runtime": "docker", "code": world.image("/web"), "port": 8080}).to_string();
    assert_eq!(world.orchestrator.send("POST", &function, same.as_bytes()).status, 201);
    let run = world.source.sync(world.url(), &[]).exits(0);
    assert_eq!(run.count("replace"), 1);
    assert_eq!(world.source.sync(world.url(), &[]).exits(0).count("unchanged"), 1);
}
