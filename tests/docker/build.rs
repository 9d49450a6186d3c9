//! Builds that fail, hang or are ended: nothing is sent, and what is live goes on.

use std::time::Duration;

use rustix::process::Signal;

use super::{World, web};
use crate::support::{App, PAGE_SERVER};

const BUILDERS: [&str; 2] = ["classic", "buildkit"];

#[test]
fn a_build_that_fails_sends_nothing_and_the_old_version_goes_on() {
    let world = World::new();
    let _ = world.source.sync(world.url(), &[]).exits(0);
    let broken = PAGE_SERVER.replace("EXPOSE", "RUN [\"/bin/busybox\", \"sh\", \"-c\", \"echo what went wrong; exit 3\"]\nEXPOSE");
    world.source.write("web/Dockerfile", broken);
    for builder in BUILDERS {
        world.proxy.forget();
        let run = world.source.sync(world.url(), &["--builder", builder]).exits(8).fails_as("build");
        let message = run.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
        assert!(message.contains("`/web`") && message.contains("what went wrong"), "{builder}: {message}");
        assert_eq!(world.proxy.writes(), Vec::<String>::new(), "{builder}");
        assert_eq!(world.page(), "one", "{builder}");
    }
}

#[test]
fn both_builders_build_the_same_image_under_the_same_name() {
    let names = BUILDERS.map(|builder| {
        let world = World::new();
        let _ = world.source.sync(world.url(), &["--builder", builder]).exits(0);
        assert_eq!(world.page(), "one", "{builder}");
        let files = crate::support::files_of(&world.image("/web"));
        (world.image("/web").rsplit(':').next().unwrap_or_default().to_owned(), files)
    });
    assert_eq!(names[0], names[1]);
    assert!(names[0].1.iter().any(|row| row.starts_with("-rwxr-xr-x") && row.ends_with("bin/busybox")), "{names:?}");
}

#[test]
fn a_build_ends_at_its_deadline() {
    for builder in BUILDERS {
        let sleeps = PAGE_SERVER.replace("EXPOSE", "RUN [\"/bin/busybox\", \"sleep\", \"600\"]\nEXPOSE");
        let world = World::with_dockerfile(&sleeps);
        let run = world.source.sync(world.url(), &["--build-timeout", "5s", "--builder", builder]).exits(8);
        let _ = run.says("was not there within 5 s").says("--build-timeout");
        assert_eq!(world.proxy.writes(), Vec::<String>::new());
    }
}

/// Longer than any client of the engine waits for a reply unless told otherwise: two minutes is usual.
#[test]
fn a_build_may_be_silent_for_minutes() {
    let sleeps = PAGE_SERVER.replace("EXPOSE", "RUN [\"/bin/busybox\", \"sleep\", \"125\"]\nEXPOSE");
    let world = World::with_dockerfile(&sleeps);
    let run = world.source.start_sync(world.url(), &["--rebuild"]);
    let _ = run.finish_within(Duration::from_secs(300)).exits(0);
    assert_eq!(world.page(), "one");
}

#[test]
fn a_signal_ends_a_build_and_nothing_was_sent() {
    let sleeps = PAGE_SERVER.replace("EXPOSE", "RUN [\"/bin/busybox\", \"sleep\", \"600\"]\nEXPOSE");
    let world = World::with_dockerfile(&sleeps);
    let run = world.source.start_sync(world.url(), &[]);
    run.wait_for_stderr("sleep");
    run.signal(Signal::INT);
    let _ = run.finish().exits(130);
    assert_eq!(world.proxy.writes(), Vec::<String>::new());
}

#[test]
fn a_rebuild_replaces_the_container_once_and_every_machine_knows() {
    let world = World::new();
    let _ = world.source.sync(world.url(), &[]).exits(0);
    let first = world.image("/web");
    assert_eq!(world.source.sync(world.url(), &["--rebuild=/web"]).exits(0).count("replace"), 1);
    let second = world.image("/web");
    assert_ne!(first, second);
    assert_eq!(world.containers(), [world.container("/web")]);
    // Another checkout reads the generation from the record.
    let other = super::page_server(&web(world.orchestrator.namespace()), PAGE_SERVER);
    let run = other.diff(world.url(), &["--rebind"]).exits(0);
    assert!(run.changes().is_empty(), "{run}");
    assert_eq!(world.source.sync(world.url(), &["--rebuild"]).exits(0).count("replace"), 1);
    let _ = world.source.sync(world.url(), &["--rebuild=/other"]).exits(64);
}

#[test]
fn build_arguments_and_a_target_reach_the_build() {
    let world = World::new();
    let dockerfile = "FROM scratch AS base\nCOPY busybox /bin/busybox\nARG WORD=none\nRUN [\"/bin/busybox\", \"sh\", \"-c\", \"/bin/busybox mkdir -p \
                      /www/web; echo $WORD > /www/web/index.html\"]\nEXPOSE 8080\nSTOPSIGNAL SIGKILL\nENTRYPOINT [\"/bin/busybox\", \"httpd\", \
                      \"-f\", \"-p\", \"8080\", \"-h\", \"/www\"]\nFROM base AS broken\nRUN [\"/bin/busybox\", \"false\"]\n";
    world.source.write("web/Dockerfile", dockerfile);
    let app = |word: &str| {
        let rest = format!("runtime: docker, context: ./web, build: {{target: base, args: {{WORD: {word}}}}}");
        App::of(world.orchestrator.namespace()).function("/web", &rest)
    };
    for word in ["first", "second"] {
        world.source.declare(&app(word));
        let _ = world.source.sync(world.url(), &[]).exits(0);
        assert_eq!(world.page().trim(), word);
    }
}

#[test]
fn a_build_for_another_platform_is_refused() {
    let world = World::new();
    let other = if cfg!(target_arch = "x86_64") { "linux/arm64" } else { "linux/amd64" };
    let app =
        App::of(world.orchestrator.namespace()).function("/web", &format!("runtime: docker, context: ./web, build: {{platform: {other}}}"));
    world.source.declare(&app);
    let _ = world.source.sync(world.url(), &[]).exits(8).says(other);
    assert_eq!(world.proxy.writes(), Vec::<String>::new());
}
