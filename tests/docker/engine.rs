//! Engines that are not there, do not answer, or are named in other ways.

use std::os::unix::net::UnixListener;

use rustix::process::{Signal, kill_process};

use super::World;
use crate::support::{App, Leftovers, Orchestrator, PAGE_SERVER};

#[track_caller]
fn refused(world: &World, engine: &str, says: &str) {
    let _ = world.source.sync(world.url(), &["--engine", engine]).exits(8).fails_as("build").says(says);
    assert_eq!(world.proxy.writes(), Vec::<String>::new(), "{engine}");
}

#[test]
fn an_engine_that_is_down_stops_a_sync_before_anything_is_sent() {
    let world = World::new();
    refused(&world, "unix:///nowhere/docker.sock", "the engine at unix:///nowhere/docker.sock cannot be used");
    refused(&world, "tcp://127.0.0.1:1", "cannot be used");
    refused(&world, "gopher://x", "is not the address of an engine");
}

#[test]
fn an_engine_that_hangs_is_given_up() {
    let world = World::new();
    let socket = world.source.path("hangs.sock");
    let _listening = UnixListener::bind(&socket).expect("a socket");
    refused(&world, &format!("unix://{}", socket.display()), "does not answer within");
}

#[test]
fn docker_host_and_docker_contexts_name_the_engine() {
    let world = World::new();
    let with = |name: &str, value: &str| {
        let mut command = world.source.command(&["sync", "--server", world.url(), "-o", "json"]);
        command.env(name, value);
        crate::support::Running::start(command).finish()
    };
    let _ = with("DOCKER_HOST", "unix:///nowhere/docker.sock").exits(8).says("unix:///nowhere/docker.sock");
    let _ = with("DOCKER_CONTEXT", "elsewhere").exits(8).says("there is no docker context `elsewhere`");
    let config = world.source.path("docker-config");
    crate::support::docker(&[
        "--config",
        &config.to_string_lossy(),
        "context",
        "create",
        "here",
        "--docker",
        "host=unix:///var/run/docker.sock",
    ]);
    crate::support::docker(&["--config", &config.to_string_lossy(), "context", "use", "here"]);
    let _ = with("DOCKER_CONFIG", &config.to_string_lossy()).exits(0);
    assert_eq!(world.page(), "one");
}

#[test]
fn the_embedded_orchestrator_runs_containers_and_ends_them_with_itself() {
    let share = World::new();
    let mut orchestrator = Orchestrator::embedded(&["--replies", "unwrapped"]);
    let namespace = orchestrator.namespace().to_owned();
    let leftovers = Leftovers(namespace.clone());
    let source =
        super::page_server(&App::of(&namespace).function("/web", "runtime: docker, context: ./web, health: /style.css"), PAGE_SERVER);
    source.write("web/www/style.css", "body { color: red }");
    let sync = || source.run(&["sync", &orchestrator.local(), "-o", "json"]).exits(0);
    assert_eq!(sync().count("create"), 1);
    let style = orchestrator.send("GET", &format!("/{namespace}/web/style.css"), b"");
    assert_eq!((style.status, &style.body[..]), (200, &b"body { color: red }"[..]));
    assert!(
        style.headers.iter().any(|(name, value)| name.eq_ignore_ascii_case("content-type") && value == "text/css"),
        "{:?}",
        style.headers
    );
    assert_eq!(orchestrator.send("GET", &format!("/{namespace}/web/missing"), b"").status, 404);
    source.write("web/www/style.css", "body { color: blue }");
    assert_eq!(sync().count("replace"), 1);
    assert_eq!(orchestrator.send("GET", &format!("/{namespace}/web/style.css?v=2"), b"").body, b"body { color: blue }");
    assert_eq!(leftovers.containers().len(), 1);
    kill_process(orchestrator.process(), Signal::TERM).expect("it runs");
    assert_eq!(orchestrator.ended(), Some(0));
    assert!(leftovers.containers().is_empty());
    drop(share);
}
