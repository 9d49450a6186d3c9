//! Build contexts: what is in one decides on the image's name, and nothing else does.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::{Duration, SystemTime};

use super::{World, page_server, web};
use crate::support::{App, Checkout, PAGE_SERVER, Sandbox, files_of};

/// The name that the image would have: known without an engine and without an orchestrator of ours.
#[track_caller]
fn name(world: &World, source: &Checkout) -> String {
    name_from(world, source, &[])
}

#[track_caller]
fn name_from(world: &World, source: &Checkout, more: &[&str]) -> String {
    let diff = source.diff(world.url(), more).exits(0);
    diff.change("/web")["after"].as_str().unwrap_or_else(|| panic!("no fingerprint in {diff}")).to_owned()
}

#[test]
fn equal_content_has_one_name_whatever_its_times_owners_and_order_and_the_executable_bit_counts() {
    let world = World::new();
    let namespace = world.orchestrator.namespace();
    let first = name(&world, &world.source);
    let same = Sandbox::of(&web(namespace)).file("web/www/index.html", "one").file("web/Dockerfile", PAGE_SERVER).create();
    same.write("web/busybox", crate::support::busybox());
    same.set_executable("web/busybox", true);
    let old = SystemTime::now() - Duration::from_secs(1_000_000);
    File::options().write(true).open(same.path("web/www/index.html")).and_then(|file| file.set_modified(old)).expect("a time");
    let chmod = Command::new("chmod").arg("og-rwx").arg(same.path("web/www/index.html")).status().expect("chmod");
    assert!(chmod.success());
    assert_eq!(name(&world, &same), first);
    same.start_repository();
    assert_eq!(name(&world, &same), first, "a checkout of the same files");
    assert_eq!(name_from(&world, &same, &["--revision", "HEAD"]), first, "a commit of the same files");

    same.set_executable("web/www/index.html", true);
    let executable = name(&world, &same);
    same.set_executable("web/www/index.html", false);
    assert_ne!(executable, first);
    same.write("web/www/index.html", "two");
    assert_ne!(name(&world, &same), first);
}

#[test]
fn an_ignore_file_decides_as_docker_does() {
    let world = World::new();
    let ignore = "*\n!busybox\n!www\nwww/**/*.md\n!www/keep.md\n!Dockerfile\n";
    for (file, content) in [("web/.dockerignore", ignore), ("web/www/a/b.md", "x"), ("web/www/keep.md", "x"), ("web/secret", "x")] {
        world.source.write(file, content);
    }
    world.source.write("web/Dockerfile", PAGE_SERVER.replace("COPY www /www/web", "COPY . /www/web"));
    let _ = world.source.sync(world.url(), &[]).exits(0);
    let files = files_of(&world.image("/web"));
    let has = |name: &str| files.iter().any(|row| row.ends_with(name));
    assert!(has("www/web/www/keep.md") && has("www/web/www/index.html") && has("www/web/Dockerfile"), "{files:#?}");
    assert!(!has("b.md") && !has("secret") && !has(".dockerignore"), "{files:#?}");
    let before = world.image("/web");
    world.source.write("web/secret", "y");
    assert_eq!(world.source.sync(world.url(), &[]).exits(0).count("unchanged"), 1, "what is left out decides on nothing");
    assert_eq!(world.image("/web"), before);
}

#[test]
fn links_stay_links_and_long_names_stay_whole() {
    let world = World::new();
    let long = format!("web/www/{}/{}.txt", "d".repeat(120), "n".repeat(200));
    world.source.write(&long, "x");
    symlink("/etc/passwd", world.source.path("web/www/out")).expect("a link");
    symlink("index.html", world.source.path("web/www/in")).expect("a link");
    for builder in ["classic", "buildkit"] {
        let _ = world.source.sync(world.url(), &["--builder", builder, "--rebuild"]).exits(0);
        let files = files_of(&world.image("/web"));
        let has = |name: &str| files.iter().any(|row| row.starts_with('l') && row.ends_with(name));
        assert!(has("www/web/out -> /etc/passwd") && has("www/web/in -> index.html"), "{files:#?}");
        assert!(files.iter().any(|row| row.ends_with(&format!("{}.txt", "n".repeat(200)))), "{files:#?}");
    }
}

#[test]
fn an_image_is_built_from_a_commit_as_from_a_directory() {
    let world = World::new();
    symlink("index.html", world.source.path("web/www/in")).expect("a link");
    world.source.write("web/.dockerignore", "www/more");
    world.source.write("web/www/more", "x");
    world.source.start_repository();
    let _ = world.source.sync(world.url(), &[]).exits(0);
    let from_directory = world.image("/web");
    world.source.write("web/www/index.html", "not committed");
    let from_commit = ["--revision", "HEAD"];
    assert_eq!(world.source.sync(world.url(), &from_commit).exits(0).count("unchanged"), 1);
    assert_eq!(world.source.sync(world.url(), &["--revision", "HEAD", "--rebuild"]).exits(0).count("replace"), 1);
    assert_eq!(world.page(), "one");
    assert_eq!(files_of(&from_directory), files_of(&world.image("/web")));
}

#[test]
fn a_dockerfile_may_lie_outside_of_its_context() {
    for builder in ["classic", "buildkit"] {
        let world = World::new();
        world.source.write("deploy/web.Dockerfile", PAGE_SERVER);
        world.source.remove("web/Dockerfile");
        let rest = "runtime: docker, dockerfile: deploy/web.Dockerfile, context: web";
        world.source.declare(&world.app().function("/web", rest));
        let _ = world.source.sync(world.url(), &["--builder", builder]).exits(0);
        assert_eq!(world.page(), "one");
        let before = world.image("/web");
        // Rules beside the Dockerfile come before those of the context.
        world.source.write("deploy/web.Dockerfile.dockerignore", "www/more");
        world.source.write("web/www/more", "x");
        assert_eq!(world.source.sync(world.url(), &["--builder", builder]).exits(0).count("unchanged"), 1);
        world.source.write("deploy/web.Dockerfile", PAGE_SERVER.replace("EXPOSE", "ENV A=1\nEXPOSE"));
        assert_eq!(world.source.sync(world.url(), &["--builder", builder]).exits(0).count("replace"), 1);
        assert_ne!(world.image("/web"), before);
    }
}

/// What is refused before anything is asked: status 3, and not one request.
#[track_caller]
fn refused(source: &Checkout, says: &[&str]) {
    for command in [["validate", "."].as_slice(), &["sync", "--server", "http://127.0.0.1:1", "."]] {
        let mut run = source.run(command).exits(3);
        for text in says {
            run = run.says(text);
        }
    }
}

#[test]
fn a_context_that_is_too_large_is_refused_with_its_largest_entries() {
    let source = page_server(&web("ns"), PAGE_SERVER);
    let video = File::create(source.path("web/www/video.mp4")).expect("a file");
    video.set_len(5 << 30).expect("a sparse file");
    refused(&source, &["ZG031", "5370691", "`www` (53687091", ".dockerignore"]);
    source.write("web/.dockerignore", "**/*.mp4");
    let _ = source.run(&["validate"]).exits(0);
}

#[test]
fn contexts_that_cannot_be_sent_are_refused() {
    let two_stages = "FROM scratch AS build\nFROM scratch AS final\n";
    let source = page_server(&App::of("ns").function("/web", "runtime: docker, context: ./web, build: {target: tset}"), two_stages);
    refused(&source, &["ZG031", "`tset` is not a stage", "build, final"]);

    let source = page_server(&web("ns"), PAGE_SERVER);
    source.write("web/.dockerignore", "ok\n[broken\n");
    refused(&source, &["ZG031", "line 2 of `web/.dockerignore`"]);
    source.remove("web/.dockerignore");
    symlink("/etc/passwd", source.path("web/.dockerignore")).expect("a link");
    refused(&source, &["ZG031", "`web/.dockerignore` is not a regular file"]);

    let latin1 = Sandbox::of(&web("ns")).file("web/Dockerfile", PAGE_SERVER).raw_file(b"web/caf\xe9", "x").create();
    refused(&latin1, &["ZG017", "not UTF-8"]);

    let outside = page_server(&App::of("ns").function("/web", "runtime: docker, context: ../.."), PAGE_SERVER);
    refused(&outside, &["ZG016"]);

    let source = page_server(&web("ns"), PAGE_SERVER);
    fs::remove_file(source.path("web/Dockerfile")).expect("a file");
    refused(&source, &["ZG017", "`web/Dockerfile` does not exist"]);
}

#[test]
fn a_secret_among_the_build_arguments_is_refused_and_never_shown() {
    let rest = "runtime: docker, context: ./web, build: {args: {NPM_TOKEN: s3cr3t-canary}}";
    let source = page_server(&App::of("ns").function("/web", rest), PAGE_SERVER);
    for arguments in [["validate"].as_slice(), &["validate", "-o", "json"], &["sync", "--server", "http://127.0.0.1:1"]] {
        let run = source.run(arguments).exits(3).says("NPM_TOKEN");
        assert!(!run.said().contains("s3cr3t-canary"), "{run}");
    }
}

#[test]
fn the_port_comes_from_the_dockerfile_unless_the_manifest_says_it() {
    let world = World::new();
    let _ = world.source.sync(world.url(), &["--no-wait"]).exits(0);
    let port = || {
        let listing = world.orchestrator.send("GET", "/api/deploy", b"").parsed();
        let all = listing["deployments"].as_array().cloned().unwrap_or_default();
        all.iter().find(|one| one["user"] == world.orchestrator.namespace()).map(|one| one["port"].clone())
    };
    assert_eq!(port(), Some(8080.into()));
    world.source.write("web/Dockerfile", PAGE_SERVER.replace("EXPOSE 8080", "EXPOSE 8080 8081"));
    let _ = world.source.run(&["validate"]).exits(0).says("ZG130");
    world.source.declare(&world.app().function("/web", "runtime: docker, context: ./web, port: 8080"));
    let _ = world.source.run(&["validate", "--strict"]).exits(0);
}
