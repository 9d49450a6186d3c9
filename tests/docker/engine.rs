//! Engines that are not there, do not answer, or are named in other ways.

use std::os::unix::net::UnixListener;

use super::World;

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
fn the_embedded_orchestrator_leaves_containers_out_and_deploys_the_rest() {
    let world = World::new();
    world.source.declare(&super::web(world.orchestrator.namespace()).lua("/a", "x = 1"));
    let run = world.source.run(&["sync", "--local", "--engine", "unix:///nowhere/docker.sock", "-o", "json"]).exits(0);
    assert_eq!(run.count("create"), 1);
    let _ = run.says("docker functions are left out");
}
