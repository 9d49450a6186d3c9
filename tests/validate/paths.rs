//! What a manifest names, where it is no plain file: symlinks, special files, names that a server cannot store, other repositories.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;

use git2::{IndexEntry, IndexTime, Repository};

use super::program::{HEAD, Place};

const CODE: &str = "  functions:\n    - {path: /hello, runtime: lua, codeFile: hello.lua}\n";
const SITE: &str = "  static:\n    dir: site\n";

#[test]
fn code_behind_a_symlink_that_leads_out_is_refused_and_never_shown() {
    let outside = tempfile::tempdir().expect("a directory");
    fs::write(outside.path().join("x"), "canary-7731").expect("a file");
    let beside = outside.path().join("x");
    let absolute = beside.to_str().expect("a plain name");
    for target in ["/etc/passwd", absolute, "../../../../../../../../etc/passwd", "a/../../x"] {
        let said = Place::with_spec(CODE).file("a/keep", "").link("hello.lua", target).validate(&[]);
        said.refuses("`hello.lua` leads out of the repository through a symlink");
        assert!(!said.all().contains("root:") && !said.all().contains("canary-7731"), "{}", said.all());
    }
    let above = Place::with_spec("  functions:\n    - {path: /hello, runtime: lua, codeFile: lib/hello.lua}\n");
    above.link("lib", outside.path().to_str().expect("a plain name")).validate(&[]).refuses("leads out of the repository");
}

#[test]
fn code_behind_a_symlink_inside_is_taken() {
    Place::with_spec(CODE).file("lib/x.lua", "function handle() end").link("hello.lua", "lib/x.lua").validate(&[]).accepts("1 function");
    let whole = Place::with_spec("  functions:\n    - {path: /hello, runtime: lua, codeFile: now/x.lua}\n");
    whole.file("v2/x.lua", "function handle() end").link("now", "v2").validate(&[]).accepts("1 function");
}

#[test]
fn code_that_is_no_regular_file_is_refused() {
    Place::with_spec(CODE).link("hello.lua", "hello.lua").validate(&[]).refuses("`hello.lua` is a symlink that leads back to itself");
    Place::with_spec(CODE).link("hello.lua", "b").link("b", "hello.lua").validate(&[]).refuses("leads back to itself");
    Place::with_spec(CODE).link("hello.lua", "gone.lua").validate(&[]).refuses("is a symlink to something that does not exist");
    Place::with_spec(CODE).fifo("hello.lua").validate(&[]).refuses("`hello.lua` is a FIFO, not a regular file");
    Place::with_spec(CODE).link("hello.lua", "pipe").fifo("pipe").validate(&[]).refuses("FIFO");
    let place = Place::with_spec(CODE);
    let _socket = UnixListener::bind(place.path().join("hello.lua")).expect("a socket");
    place.validate(&[]).refuses("`hello.lua` is a socket, not a regular file");
}

#[test]
fn every_special_file_of_a_site_is_named() {
    let place = Place::with_spec(SITE)
        .file("site/index.html", "x")
        .link("site/ring", "ring")
        .link("site/gone", "nowhere")
        .link("site/passwd", "/etc/passwd")
        .link("site/up", "..")
        .fifo("site/pipe");
    let _socket = UnixListener::bind(place.path().join("site/socket")).expect("a socket");
    let said = place.validate(&[]);
    said.refuses("`site/ring` is a symlink that leads back to itself");
    said.refuses("`site/gone` is a symlink to something that does not exist");
    said.refuses("`site/passwd` leads out of the repository through a symlink");
    said.refuses("`site/up` is a symlink that leads back to itself");
    said.refuses("`site/pipe` is");
    said.refuses("`site/socket` is");
    assert!(said.stdout.contains("6 errors"), "{}", said.stdout);
}

#[test]
fn a_site_behind_a_symlink_is_taken_inside_and_refused_outside() {
    Place::with_spec(SITE).file("real/index.html", "x").link("site", "real").validate(&[]).accepts("1 static file");
    Place::with_spec(SITE).link("site", "/etc").validate(&[]).refuses("`site` leads out of the repository through a symlink");
}

#[test]
fn git_data_and_our_own_are_never_taken() {
    for spec in [
        "  functions:\n    - {path: /a, runtime: lua, codeFile: .git/config}\n",
        "  functions:\n    - {path: /a, runtime: lua, codeFile: .GIT/config}\n",
        "  functions:\n    - {path: /a, runtime: lua, codeFile: .zerverless/x}\n",
        "  functions:\n    - {path: /a, runtime: lua, codeFile: link}\n",
        "  static:\n    dir: .git\n",
    ] {
        let place = Place::with_spec(spec).file(".zerverless/x", "x").link("link", ".git/config");
        Repository::init(place.path()).expect("a repository");
        place.validate(&[]).refuses("never taken");
    }
    let place = Place::with_spec("  static:\n    dir: .\n    includeIgnored: true\n").file(".zerverless/data/x", "x").file("a/.git", "x");
    Repository::init(place.path()).expect("a repository");
    place.validate(&[]).accepts("1 static file");
}

#[test]
fn what_git_ignores_is_left_out_unless_it_is_tracked_or_asked_for() {
    let ignored = |more: &str| {
        let place = Place::with_spec(&format!("{SITE}{more}"))
            .file(".gitignore", "*.log\n.env\n")
            .file("site/index.html", "x")
            .file("site/untracked.txt", "x")
            .file("site/.env", "KEY=1")
            .file("site/kept.log", "x")
            .file("site/other.log", "x");
        let repository = Repository::init(place.path()).expect("a repository");
        let mut index = repository.index().expect("an index");
        index.add_path(Path::new("site/kept.log")).expect("an entry");
        index.write().expect("an index on disk");
        place
    };
    ignored("").validate(&[]).accepts("3 static files");
    ignored("    includeIgnored: true\n").validate(&[]).accepts("5 static files");
}

#[test]
fn a_directory_that_the_repository_itself_excludes_is_named_with_the_line() {
    let place = Place::with_spec(SITE).file("site/index.html", "x");
    let repository = Repository::init(place.path()).expect("a repository");
    let info = repository.path().join("info");
    fs::create_dir_all(&info).expect("a directory");
    fs::write(info.join("exclude"), "# mine\n\n/site\n").expect("a file");
    place.validate(&[]).refuses("Git ignores `site` by `/site` in .git/info/exclude line 3");
}

fn add_to_index(repository: &Repository, path: &str, mode: u32, flags_extended: u16) {
    let time = IndexTime::new(0, 0);
    let content = repository.blob(b"x").expect("a blob");
    let mut index = repository.index().expect("an index");
    let entry = IndexEntry {
        ctime: time,
        mtime: time,
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size: 0,
        id: content,
        flags: if flags_extended == 0 { 0 } else { 0x4000 },
        flags_extended,
        path: path.into(),
    };
    index.add(&entry).expect("an entry");
    index.write().expect("an index on disk");
}

#[test]
fn a_submodule_inside_what_is_named_is_refused() {
    const GITLINK: u32 = 0o160_000;
    let place = Place::with_spec(SITE).file("site/index.html", "x").file("site/vendor/lib.js", "x");
    add_to_index(&Repository::init(place.path()).expect("a repository"), "site/vendor", GITLINK, 0);
    place.validate(&[]).refuses("`site/vendor` is a Git submodule, whose files are not part of this repository");

    let whole = Place::with_spec(SITE).file("site/index.html", "x");
    add_to_index(&Repository::init(whole.path()).expect("a repository"), "site", GITLINK, 0);
    whole.validate(&[]).refuses("`site` is a Git submodule");

    let inside = Place::with_spec("  functions:\n    - {path: /a, runtime: lua, codeFile: vendor/a.lua}\n").file("vendor/a.lua", "x");
    add_to_index(&Repository::init(inside.path()).expect("a repository"), "vendor", GITLINK, 0);
    inside.validate(&[]).refuses("`vendor` is a Git submodule");

    let below = Place::with_spec("  static:\n    dir: vendor/dist\n").file("vendor/dist/index.html", "x");
    add_to_index(&Repository::init(below.path()).expect("a repository"), "vendor", GITLINK, 0);
    below.validate(&[]).refuses("`vendor` is a Git submodule");

    let through = Place::with_spec(CODE).file("vendor/a.lua", "x").link("hello.lua", "vendor/a.lua");
    add_to_index(&Repository::init(through.path()).expect("a repository"), "vendor", GITLINK, 0);
    through.validate(&[]).refuses("`vendor` is a Git submodule");
}

#[test]
fn a_file_that_a_sparse_checkout_leaves_out_is_named() {
    const SKIP_WORKTREE: u16 = 1 << 14;
    let site = Place::with_spec(SITE).file("site/index.html", "x");
    add_to_index(&Repository::init(site.path()).expect("a repository"), "site/big.bin", 0o100_644, SKIP_WORKTREE);
    site.validate(&[]).refuses("`site/big.bin` is in the repository but left out of this sparse checkout");

    let code = Place::with_spec(CODE);
    add_to_index(&Repository::init(code.path()).expect("a repository"), "hello.lua", 0o100_644, SKIP_WORKTREE);
    code.validate(&[]).refuses("`hello.lua` is in the repository but left out of this sparse checkout");
}

#[test]
fn paths_may_climb_to_the_root_of_the_repository_and_no_further() {
    let monorepo = |spec: &str| {
        let place = Place::empty().file("apps/web/zerverless.yaml", format!("{HEAD}spec:\n{spec}"));
        let place = place.file("shared/x.lua", "function handle() end");
        Repository::init(place.path()).expect("a repository");
        place
    };
    let inside = "  functions:\n    - {path: /a, runtime: lua, codeFile: ../../shared/x.lua}\n";
    monorepo(inside).validate(&["apps/web"]).accepts("apps/web/zerverless.yaml: valid, 1 function");
    let outside = "  functions:\n    - {path: /a, runtime: lua, codeFile: ../../../shared/x.lua}\n";
    monorepo(outside).validate(&["apps/web"]).refuses("leads out of the repository");
}

#[test]
fn a_manifest_of_another_repository_is_warned_about() {
    let place = Place::with_spec("  source:\n    repoURL: https://example.org/me/shop\n");
    let repository = Repository::init(place.path()).expect("a repository");
    repository.remote("origin", "git@example.org:me/blog.git").expect("a remote");
    let said = place.validate(&[]);
    said.accepts("1 warning");
    said.accepts("`spec.source` names example.org/me/shop, and these files come from example.org/me/blog");
    assert_eq!(place.validate(&["--strict"]).status, Some(3));
}

#[test]
fn names_that_are_not_utf8_are_refused() {
    let place = Place::with_spec(SITE).file("site/index.html", "x");
    fs::write(place.path().join("site").join(OsStr::from_bytes(b"caf\xe9.txt")), "x").expect("a file");
    place.validate(&[]).refuses("has a name that is not UTF-8, which the server cannot list back");
    let below = Place::with_spec(SITE).file("site/index.html", "x");
    let directory = below.path().join("site").join(OsStr::from_bytes(b"\xff\xfe"));
    fs::create_dir(&directory).expect("a directory");
    fs::write(directory.join("x"), "x").expect("a file");
    below.validate(&[]).refuses("has a name that is not UTF-8");
}

#[test]
fn names_longer_than_the_server_stores_are_refused() {
    let name = "n".repeat(255);
    Place::with_spec(SITE).file(&format!("site/{name}"), "x").validate(&[]).accepts("1 static file");
    let path = vec!["d".repeat(200); 19].join("/");
    Place::with_spec(SITE).file(&format!("site/{path}"), "x").validate(&[]).refuses("bytes long; the server stores at most 3800");
    let prefix = format!("{SITE}    prefix: {}\n", "p".repeat(256));
    Place::with_spec(&prefix).file("site/x", "x").validate(&[]).refuses("has a segment of 256 bytes; the server stores at most 255");
}

#[test]
fn a_path_longer_than_the_system_opens_is_told_and_does_not_stop_the_rest() {
    let place = Place::with_spec(SITE).file("site/a..b", "x");
    let mut directory = fs::File::open(place.path().join("site")).expect("a directory");
    let name = "d".repeat(200);
    for _ in 0..25 {
        rustix::fs::mkdirat(&directory, &name, rustix::fs::Mode::RWXU).expect("a directory");
        let flags = rustix::fs::OFlags::DIRECTORY | rustix::fs::OFlags::RDONLY;
        let below = rustix::fs::openat(&directory, &name, flags, rustix::fs::Mode::empty()).expect("a directory");
        directory = fs::File::from(below);
    }
    let flags = rustix::fs::OFlags::CREATE | rustix::fs::OFlags::WRONLY;
    rustix::fs::openat(&directory, "x", flags, rustix::fs::Mode::RUSR).expect("a file");
    let said = place.validate(&[]);
    said.refuses("`a..b` has `..` in it");
    assert!(said.stdout.contains("2 errors"), "{}", said.stdout);
}

#[test]
fn a_file_that_may_not_be_read_is_named() {
    let place = Place::with_spec(CODE).file("hello.lua", "function handle() end");
    let file = place.path().join("hello.lua");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).expect("permissions");
    let said = place.validate(&[]);
    if fs::read(&file).is_ok() {
        // The superuser reads everything.
        said.accepts("1 function");
    } else {
        said.refuses("cannot read `hello.lua`: Permission denied");
    }
}

#[test]
fn names_that_only_look_odd_are_taken() {
    let odd =
        ["x y(1).txt", "u+v&w=$,;:@.txt", "q'!*.txt", "[1]", "t~", "50%.txt", "a%2Fb", "#", "?", "\\", "|", "^", "\"", "é", "a\nb", ".env"];
    let place = odd.iter().fold(Place::with_spec(SITE), |place, name| place.file(&format!("site/{name}"), ""));
    place.validate(&[]).accepts("16 static files");
}

#[test]
fn of_many_bad_names_some_are_shown_and_all_are_counted() {
    let place = (0..50).fold(Place::with_spec(SITE), |place, n| place.file(&format!("site/{n}..js"), "x"));
    let said = place.validate(&[]);
    said.refuses("30 more file names cannot be stored");
    assert!(said.stdout.contains("21 errors"), "{}", said.stdout);
}
