//! Images that are pulled, and images that nobody needs any more.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::World;
use crate::support::{App, PAGE_SERVER, docker, try_docker};

/// A registry of this machine: Debian's `docker-registry`. It is ended with the test.
struct Registry {
    child: Child,
    address: String,
    _data: tempfile::TempDir,
}

impl Registry {
    fn start() -> Self {
        let data = tempfile::tempdir().expect("a directory");
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
        let address = format!("127.0.0.1:{}", free.port());
        let config = data.path().join("config.yml");
        let text = format!(
            "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: {address}\n",
            data.path().join("images").display()
        );
        std::fs::File::create(&config).and_then(|mut file| file.write_all(text.as_bytes())).expect("a file");
        let mut registry = Self { child: serve(&config), address, _data: data };
        let patience = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(&registry.address).is_err() {
            assert!(registry.child.try_wait().expect("a child").is_none() && Instant::now() < patience, "the registry does not start");
            std::thread::yield_now();
        }
        registry
    }
}

fn serve(config: &Path) -> Child {
    let serve =
        Command::new("docker-registry").arg("serve").arg(config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    serve.unwrap_or_else(|error| panic!("docker-registry: {error}; Debian's package of this name has it, and .ci/run installs it"))
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_image_that_the_manifest_names_is_pulled_when_the_engine_does_not_have_it() {
    let registry = Registry::start();
    let world = World::new();
    // Somebody built and pushed it once.
    let image = format!("{}/team/pages:1.4", registry.address);
    docker(&["build", "--quiet", "--tag", &image, &world.source.path("web").to_string_lossy()]);
    docker(&["push", "--quiet", &image]);
    docker(&["rmi", &image]);
    let prebuilt =
        |image: &str| App::of(world.orchestrator.namespace()).function("/web", &format!("runtime: docker, image: \"{image}\", port: 8080"));
    world.source.declare(&prebuilt(&image));
    let _ = world.source.sync(world.url(), &[]).exits(0);
    assert_eq!((world.page(), world.image("/web")), ("one".to_owned(), image.clone()));
    assert_eq!(world.source.sync(world.url(), &["--engine", "unix:///nowhere/docker.sock"]).exits(0).count("unchanged"), 1);

    world.proxy.forget();
    world.source.declare(&prebuilt(&format!("{}/team/pages:none", registry.address)));
    let _ = world.source.sync(world.url(), &[]).exits(8).fails_as("build").says("team/pages:none");
    assert_eq!((world.proxy.writes(), world.page()), (Vec::new(), "one".to_owned()));

    world.source.declare(&world.app().lua("/a", "x = 1"));
    let _ = world.source.sync(world.url(), &[]).exits(0);
    assert!(world.containers().is_empty(), "a container of a pulled image goes as well");
    let _ = try_docker(&["rmi", &image]);
}

#[test]
fn pruning_removes_what_nobody_uses_and_keeps_the_newest() {
    let world = World::alone();
    // No run before this one built the same: what the engine has from then is as old as it was.
    let contents = ["one", "two", "three", "four"].map(|content| format!("{content} of {}", world.orchestrator.namespace()));
    for content in &contents {
        world.source.write("web/www/index.html", content);
        let _ = world.source.sync(world.url(), &[]).exits(0);
    }
    let ours = |images: Vec<String>| images.len();
    assert_eq!(ours(world.engine.images()), 4);
    let prune = |more: &[&str]| world.source.run(&[&["prune-images", "--server", world.url(), "-o", "json"], more].concat()).exits(0);
    let named = |run: &crate::support::Outcome| {
        let removed = run.json()["removed"].as_array().cloned().unwrap_or_default();
        let names = removed.iter().filter_map(|image| image["name"].as_str().map(str::to_owned));
        names.filter(|name| name.contains(world.orchestrator.namespace())).count()
    };
    assert_eq!(named(&prune(&["--keep", "2", "--dry-run"])), 2);
    assert_eq!(ours(world.engine.images()), 4);
    assert_eq!(named(&prune(&["--keep", "2"])), 2);
    assert_eq!(ours(world.engine.images()), 2);
    assert!(world.engine.images().contains(&world.image("/web")));
    assert_eq!(named(&prune(&["--keep", "1"])), 1);
    assert_eq!((world.engine.images(), world.page()), (vec![world.image("/web")], contents[3].clone()));
}

#[test]
fn an_image_that_was_deployed_again_counts_as_the_newest() {
    let world = World::alone();
    let back_and_forth = ["one", "two", "one"].map(|content| format!("{content} of {}", world.orchestrator.namespace()));
    for content in &back_and_forth {
        world.source.write("web/www/index.html", content);
        let _ = world.source.sync(world.url(), &[]).exits(0);
    }
    let deployed = world.image("/web");
    // Nothing uses it any more, as while a run is between its look at the engine and its deploy.
    world.source.declare(&world.app().lua("/a", "x = 1"));
    let _ = world.source.sync(world.url(), &[]).exits(0);
    assert_eq!((world.containers().len(), world.engine.images().len()), (0, 2));
    let _ = world.source.run(&["prune-images", "--server", world.url(), "--keep", "1"]).exits(0);
    assert_eq!(world.engine.images(), [deployed]);
}

#[test]
fn the_example_serves_its_pages_and_its_changes() {
    // Where no registry can be reached, the base image is made as the example's README says.
    if try_docker(&["inspect", "busybox:1.36-musl"]).is_none() {
        let archive = tempfile::NamedTempFile::new().expect("a file");
        let tar = Command::new("tar").args(["-C", "/", "-cf"]).arg(archive.path()).arg("bin/busybox").status().expect("tar is installed");
        assert!(tar.success());
        docker(&["import", &archive.path().to_string_lossy(), "busybox:1.36-musl"]);
    }
    let world = World::with_dockerfile(PAGE_SERVER);
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/docker");
    let copied = Command::new("cp").arg("-r").arg(&example).arg(world.source.path("example")).status().expect("cp");
    assert!(copied.success());
    let sync = |more: &[&str]| {
        let namespace = world.orchestrator.namespace();
        world.source.run(&[&["sync", "--server", world.url(), "--namespace", namespace, "-o", "json", "example"], more].concat())
    };
    assert_eq!(sync(&[]).exits(0).count("create"), 2);
    assert!(world.page().contains("<h1>Pages from a container</h1>"));
    assert_eq!(sync(&[]).exits(0).count("unchanged"), 2);
    world.source.write("example/web/site/index.html", "changed");
    assert_eq!(sync(&[]).exits(0).count("replace"), 1);
    assert_eq!(world.page(), "changed");
}
