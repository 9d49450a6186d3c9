//! Manifests that are made to take a machine down: they are refused within a fixed amount of memory, and nothing hangs.

use std::fs::File;
use std::process::Command;

use super::program::{HEAD, Place, Said, program};

/// Runs `validate` with at most so many KiB of data: heap, stacks and all other private memory that can be written.
#[track_caller]
fn with_memory(place: &Place, kib: u32) -> Said {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(format!("ulimit -d {kib} && exec \"$0\" validate")).arg(program());
    command.current_dir(place.path()).env_clear().env("COLUMNS", "100");
    Said::of(command)
}

#[track_caller]
fn within_100_mib(place: &Place) -> Said {
    with_memory(place, 100 * 1024)
}

fn bomb(levels: usize) -> String {
    let level = |n: usize| format!("a{n}: &a{n} [*a{p}, *a{p}, *a{p}, *a{p}, *a{p}, *a{p}, *a{p}, *a{p}, *a{p}]\n", p = n - 1);
    format!("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n{}", (1..levels).map(level).collect::<String>())
}

#[test]
fn the_limit_on_memory_is_real() {
    let place = Place::with_manifest(format!("{HEAD}spec: {{}}\n"));
    within_100_mib(&place).accepts("valid");
    assert_ne!(with_memory(&place, 256).status, Some(0));
}

#[test]
fn aliases_that_multiply_are_refused() {
    within_100_mib(&Place::with_manifest(bomb(12))).refuses("the aliases up to here stand for more text than the manifest has");
    within_100_mib(&Place::with_manifest(bomb(200))).refuses("the aliases up to here stand for more text");
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(500_000), "*a,".repeat(100_000));
    within_100_mib(&Place::with_manifest(long)).refuses("the aliases up to here stand for more text");
}

#[test]
fn an_alias_inside_what_it_stands_for_is_refused() {
    for text in ["a: &a [*a]\n", "a: &a {b: *a}\n", "&a a: *a\n", "a: &a\n  b: &b\n    - *a\n    - *b\n"] {
        let said = within_100_mib(&Place::with_manifest(text));
        assert_eq!(said.status, Some(3), "{text}{said:?}");
    }
}

#[test]
fn deep_nesting_is_refused() {
    let deep = [
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        "&a [".repeat(50_000),
        (0..1000).map(|n| format!("{}a:\n", " ".repeat(n))).collect(),
    ];
    for text in deep {
        let said = within_100_mib(&Place::with_manifest(&text));
        assert_eq!(said.status, Some(3), "{}…", &text[..20]);
    }
}

#[test]
fn a_manifest_of_many_small_parts_is_judged_as_a_whole() {
    let many_functions = format!("{HEAD}spec:\n  functions:\n{}", "    - {path: /a, runtime: lua, code: x}\n".repeat(20_000));
    within_100_mib(&Place::with_manifest(many_functions)).refuses("two functions have the path `/a`");
    let many_keys = (0..60_000).map(|n| format!("key{n}: 1\n")).collect::<String>();
    within_100_mib(&Place::with_manifest(many_keys)).refuses("is not a key of the manifest");
    let many_anchors = (0..60_000).map(|n| format!("- &a{n} x\n")).collect::<String>();
    within_100_mib(&Place::with_manifest(many_anchors)).refuses("this is a list");
}

#[test]
fn a_line_of_a_megabyte_is_named_and_not_shown() {
    let keys = (0..60_000).map(|n| format!("key{n}: 1, ")).collect::<String>();
    let said = within_100_mib(&Place::with_manifest(format!("{{{keys}spec: {{}}}}")));
    said.refuses("zerverless.yaml:1:2: `key0` is not a key of the manifest");
    assert!(said.stdout.len() < 50_000, "{} bytes", said.stdout.len());
    let word = within_100_mib(&Place::with_manifest("é".repeat(500_000)));
    word.refuses("a manifest is a mapping of keys, and this is a single value");
    assert!(word.stdout.len() < 1_000, "{} bytes", word.stdout.len());
}

#[test]
fn of_very_many_mistakes_the_first_are_shown_and_the_rest_is_counted() {
    let text = format!("{HEAD}spec: {{}}\n{}", (0..250).map(|n| format!("key{n}: 1\n")).collect::<String>());
    let said = Place::with_manifest(text).validate(&[]);
    said.refuses("there are 150 more findings");
    assert!(said.stdout.contains("`key99` is not") && !said.stdout.contains("`key100` is not"), "{}", said.stdout);
}

#[test]
fn a_manifest_above_the_cap_is_refused_without_reading_it() {
    for size in [(1 << 20) + 1, 100 << 20, 1 << 40] {
        let place = Place::empty();
        let file = File::create(place.path().join("zerverless.yaml")).expect("a file");
        file.set_len(size).expect("a sparse file");
        within_100_mib(&place).refuses(&format!("{size} bytes"));
    }
}

#[test]
fn a_manifest_of_exactly_the_cap_is_read() {
    let head = format!("{HEAD}spec: {{}}\n#");
    let text = format!("{head}{}", "x".repeat((1 << 20) - head.len()));
    within_100_mib(&Place::with_manifest(&text)).accepts("valid");
    within_100_mib(&Place::with_manifest(text + "x")).refuses("1 MiB");
}

#[test]
fn ignore_files_and_excludes_of_very_many_patterns_are_refused() {
    let patterns = |count: usize| (0..count).map(|n| format!("a*b{n}?c[a-z]*d\n")).collect::<String>();
    let docker = |patterns: String| {
        let place = Place::with_spec("  functions:\n    - {path: /a, runtime: docker, context: web}\n");
        place.file("web/Dockerfile", "FROM scratch\nCOPY . /\nEXPOSE 80\n").file("web/.dockerignore", patterns)
    };
    within_100_mib(&docker(patterns(1_001))).refuses("`web/.dockerignore` has more than 1000 lines");
    within_100_mib(&docker(patterns(60_000))).refuses("at most 32768 are read");
    within_100_mib(&docker(patterns(1_000))).accepts("1 function");
    within_100_mib(&docker("?".repeat(32_000))).refuses("line 1 of `web/.dockerignore`");
    let site = |count: usize| {
        let excludes = (0..count).map(|n| format!("'a*b{n}?c[a-z]*d', ")).collect::<String>();
        Place::with_spec(&format!("  static: {{dir: site, exclude: [{excludes}]}}\n")).file("site/index.html", "x")
    };
    within_100_mib(&site(1_001)).refuses("`exclude` has more than 1000 patterns");
    within_100_mib(&site(40_000)).refuses("`exclude` has more than 1000 patterns");
    within_100_mib(&site(1_000)).accepts("1 static file");
}

#[test]
fn a_manifest_that_is_no_regular_file_is_refused() {
    within_100_mib(&Place::empty().fifo("zerverless.yaml")).refuses("FIFO");
    within_100_mib(&Place::empty().link("zerverless.yaml", "/dev/zero")).refuses("leads out of the repository");
    within_100_mib(&Place::empty().link("zerverless.yaml", "zerverless.yaml")).refuses("leads back to itself");
    within_100_mib(&Place::empty().link("zerverless.yaml", "nowhere")).refuses("does not exist");
    within_100_mib(&Place::empty().link("zerverless.yaml", "pipe").fifo("pipe")).refuses("FIFO");
    let place = Place::empty();
    let _socket = std::os::unix::net::UnixListener::bind(place.path().join("zerverless.yaml")).expect("a socket");
    within_100_mib(&place).refuses("socket");
}

#[test]
fn a_manifest_may_be_a_symlink_inside_the_source() {
    Place::empty().file("real.yaml", format!("{HEAD}spec: {{}}\n")).link("zerverless.yaml", "real.yaml").validate(&[]).accepts("valid");
}
