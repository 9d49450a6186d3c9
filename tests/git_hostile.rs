//! Hosts, repositories and configurations that mean harm: a clear error in time, nothing executed, nothing sent.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use sha1::{Digest, Sha1};

use crate::support::{App, Checkout, Dice, GitHost, Orchestrator, Proxy, Running, Sandbox, Sshd, Stranger, dripping};

fn source() -> Checkout {
    Sandbox::of(&App::of("ns").site()).file("static/index.html", "x").repository().create()
}

/// An endless line of pieces, `pause` apart.
fn endless(pause: Duration, piece: Vec<u8>) -> Stranger {
    Stranger::who(move |mut connection| {
        write!(connection, "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\r\n")?;
        connection.write_all(b"001e# service=git-upload-pack\n0000")?;
        loop {
            connection.write_all(&piece)?;
            thread::sleep(pause);
        }
    })
}

#[test]
fn a_host_that_never_answers_ends_with_the_timeout() {
    let source = source();
    let silent = Stranger::who(|connection| {
        let mut rest = connection;
        std::io::copy(&mut rest, &mut std::io::sink()).map(drop)
    });
    source.run(&["validate", &silent.url(), "--git-timeout", "300ms"]).exits(4).says("was silent for too long");
    let ssh = format!("ssh://git@{}/app.git", silent.address);
    source.run(&["validate", &ssh, "--git-timeout", "300ms"]).exits(4).says("was silent for too long");
}

#[test]
fn a_host_that_drips_ends_with_the_deadline() {
    let source = source();
    let dripping = endless(Duration::from_millis(20), b"a".to_vec());
    source.run(&["validate", &dripping.url(), "--git-deadline", "500ms"]).exits(4).says("took longer than is allowed in all");
}

#[test]
fn a_host_that_drips_over_ssh_ends_with_the_deadline_wherever_it_begins() {
    // Nothing makes it smaller: it is longer than what comes before it.
    let mut dice = Dice::new(7);
    let noise: String = (0..400_000).map(|_| char::from(b'a' + u8::try_from(dice.roll(26)).expect("a letter"))).collect();
    let source = Sandbox::of(&App::of("ns").site()).file("static/index.html", noise).repository().create();
    let (host, sshd) = (GitHost::of(&source), Sshd::start(&["ed25519"]));
    let key = sshd.key("key", "ed25519", "", true).display().to_string();
    // While the host says what it is, while it is logged in to, and while the pack comes.
    for after in [5, 2_000, 50_000] {
        let port = dripping(sshd.port(), after, Duration::from_millis(20));
        let url = sshd.url(&host.path("app.git")).replace(&format!(":{}/", sshd.port()), &format!(":{port}/"));
        let known = sshd.known_hosts_at(port).display().to_string();
        let all = ["validate", &url, "--no-cache", "--ssh-key", &key, "--known-hosts", &known, "--git-deadline", "2s"];
        source.run(&all).exits(4).says("took longer than is allowed in all");
    }
}

#[test]
fn an_agent_that_never_answers_ends_with_the_timeout() {
    let source = source();
    let (host, sshd) = (GitHost::of(&source), Sshd::start(&["ed25519"]));
    let known = sshd.known_hosts("ed25519").display().to_string();
    let socket = source.home("agent");
    // It takes connections and questions, and says nothing.
    let silent = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    let url = sshd.url(&host.path("app.git"));
    let mut command = source.command(&["validate", &url, "--no-cache", "--known-hosts", &known, "--git-timeout", "10s"]);
    command.env("SSH_AUTH_SOCK", &socket);
    Running::start(command).finish().exits(4).says("SSH_AUTH_SOCK").says("the ssh agent does not answer");
    drop(silent);
}

/// An object of a pack: its kind and size, what a delta is made of, and its content, which is not compressed.
fn packed(kind: u8, base: Option<usize>, content: &[u8]) -> Vec<u8> {
    let mut size = content.len();
    let mut packed = vec![(kind << 4) | u8::try_from(size & 15).expect("four bits")];
    size >>= 4;
    while size > 0 {
        *packed.last_mut().expect("a byte") |= 0x80;
        packed.push(u8::try_from(size & 127).expect("seven bits"));
        size >>= 7;
    }
    if let Some(distance) = base {
        // How far before this one it begins, in Git's own numbers.
        let mut bytes = vec![u8::try_from(distance & 127).expect("seven bits")];
        let mut rest = distance >> 7;
        while rest > 0 {
            rest -= 1;
            bytes.push(0x80 | u8::try_from(rest & 127).expect("seven bits"));
            rest >>= 7;
        }
        packed.extend(bytes.into_iter().rev());
    }
    packed.extend([0x78, 0x01]);
    let length = u16::try_from(content.len()).expect("what fits in one block");
    packed.push(1);
    packed.extend(length.to_le_bytes());
    packed.extend((!length).to_le_bytes());
    packed.extend_from_slice(content);
    let sums = content.iter().fold((1_u32, 0_u32), |(a, b), byte| ((a + u32::from(*byte)) % 65_521, (a + b + u32::from(*byte)) % 65_521));
    packed.extend(((sums.1 << 16) | sums.0).to_be_bytes());
    packed
}

/// A commit and a small pack with it, in which one object stands for 655 MB: a delta that takes the same 32 KiB again and again.
fn bomb() -> (String, Vec<u8>) {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let empty_tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    let commit = format!("tree {empty_tree}\nauthor x <x> 0 +0000\ncommitter x <x> 0 +0000\n\nx\n");
    let id = hex(&Sha1::digest(format!("commit {}\0{commit}", commit.len())));
    let base = packed(3, None, &vec![b'a'; 32_768]);
    // The size of the base, the size of the result (655,360,000), then 20,000 times: copy 32 KiB from the start.
    let mut delta = vec![0x80, 0x80, 0x02, 0x80, 0x80, 0xc0, 0xb8, 0x02];
    delta.extend([0xa0, 0x80].repeat(20_000));
    let mut pack = b"PACK\0\0\0\x02\0\0\0\x03".to_vec();
    pack.extend(packed(1, None, commit.as_bytes()));
    pack.extend_from_slice(&base);
    pack.extend(packed(6, Some(base.len()), &delta));
    pack.extend(Sha1::digest(&pack));
    (id, pack)
}

#[test]
fn a_delta_that_stands_for_very_much_is_refused_while_the_pack_comes() {
    let source = source();
    let line = |text: &str| format!("{:04x}{text}\n", text.len() + 5);
    let (commit, pack) = bomb();
    let asked = AtomicUsize::new(0);
    let host = Stranger::asked(move |request, mut connection| {
        let head =
            |kind: &str| format!("HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-{kind}\r\nConnection: close\r\n\r\n");
        if request.starts_with("GET") {
            let names = line(&format!("{commit} HEAD\0multi_ack_detailed side-band-64k ofs-delta shallow symref=HEAD:refs/heads/main"))
                + &line(&format!("{commit} refs/heads/main"));
            return write!(connection, "{}{}0000{names}0000", head("advertisement"), line("# service=git-upload-pack"));
        }
        write!(connection, "{}0034shallow {commit}0000", head("result"))?;
        // First it asks what it gets without history, then for the pack.
        if asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
            return Ok(());
        }
        connection.write_all(b"0008NAK\n")?;
        for piece in pack.chunks(60_000) {
            write!(connection, "{:04x}\u{1}", piece.len() + 5)?;
            connection.write_all(piece)?;
        }
        connection.write_all(b"0000")
    });
    source.run(&["validate", &host.url()]).exits(4).says("an object of 65536000").says("larger than is taken");
}

#[test]
fn a_list_of_names_without_end_is_cut_off() {
    let source = source();
    let name = format!("{} refs/heads/{}", "a".repeat(40), "x".repeat(65_000));
    let endless = endless(Duration::ZERO, format!("{:04x}{name}\n", name.len() + 5).into_bytes());
    source.run(&["validate", &endless.url()]).exits(4).says("larger than is taken");
}

#[test]
fn what_is_no_git_server_is_told_so() {
    let source = source();
    let other =
        Stranger::who(|mut connection| write!(connection, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"));
    source.run(&["validate", &other.url()]).exits(4).says("no Git server");
    let broken = Stranger::who(|mut connection| {
        write!(connection, "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\nContent-Length: 4\r\n\r\nzzzz")
    });
    source.run(&["validate", &broken.url()]).exits(4);
}

#[test]
fn a_pack_that_is_cut_off_is_an_error_and_the_next_run_heals() {
    let source = source();
    let host = GitHost::of(&source);
    for after in [0, 10, 60, 200] {
        host.cut_packs(Some(after));
        source.run(&["validate", &host.app()]).exits(4);
    }
    host.cut_packs(None);
    source.run(&["validate", &host.app()]).exits(0);
}

#[test]
fn ctrl_c_ends_a_fetch_and_leaves_nothing_behind() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).site()).file("static/index.html", "x").repository().create();
    let host = GitHost::of(&source);
    host.stall_packs(true);
    let temporary = source.home("tmp");
    fs::create_dir(&temporary).expect("a directory");
    let mut command = source.command(&["sync", &host.app(), "--server", server.url(), "--no-cache", "--git-timeout", "500ms"]);
    command.env("TMPDIR", &temporary);
    let running = Running::start(command);
    host.wait_for("POST");
    running.signal(rustix::process::Signal::INT);
    let _ = running.finish().exits(130);
    assert_eq!(fs::read_dir(&temporary).expect("a directory").count(), 0, "the temporary repository is gone");
    assert!(server.files().is_empty());
}

#[test]
fn no_url_starts_a_program() {
    let source = source();
    let canary = source.path("canary");
    let ext = format!("ext::sh -c touch% {}", canary.display());
    let option = format!("--upload-pack=touch {}", canary.display());
    let proxy = format!("ssh://-oProxyCommand=touch%20{}/x", canary.display());
    for url in [ext.as_str(), &proxy, "git://127.0.0.1/app.git", "http://127.0.0.1/a%0ab", "ftp://127.0.0.1/app"] {
        source.run(&["validate", url]).exits(4);
    }
    source.run(&["validate", &option]).exits(64);
    source.run(&["validate", "--", &option]).exits(4);
    assert!(!canary.exists());
}

#[test]
fn the_users_configuration_of_git_plays_no_part() {
    let source = source();
    let host = GitHost::of(&source);
    let canary = source.home("canary");
    let template = source.home("template/hooks");
    fs::create_dir_all(&template).expect("a directory");
    for hook in ["reference-transaction", "post-checkout", "post-update"] {
        let file = template.join(hook);
        fs::write(&file, format!("#!/bin/sh\ntouch {}\n", canary.display())).expect("a hook");
        fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("permissions");
    }
    let config = format!(
        "[url \"http://127.0.0.1:1/\"]\n\tinsteadOf = http://{0}/\n[http]\n\tproxy = http://127.0.0.1:1\n\tsslVerify = false\n[init]\n\ttemplateDir = {1}\n\
         [core]\n\thooksPath = {1}/hooks\n\tsshCommand = touch {2}\n\tgitProxy = touch {2}\n\tfsmonitor = touch {2}\n[uploadpack]\n\tpackObjectsHook = touch {2}\n\
         [protocol \"ext\"]\n\tallow = always\n",
        host.address(),
        source.home("template").display(),
        canary.display()
    );
    fs::write(source.home(".gitconfig"), config).expect("a file");
    source.run(&["validate", &host.app()]).exits(0);
    source.run(&["validate", &host.app()]).exits(0);
    assert!(!canary.exists());
}

#[test]
fn a_configuration_that_cannot_be_read_is_named_and_the_cache_is_not_blamed() {
    let source = source();
    let host = GitHost::of(&source);
    fs::write(source.home(".gitconfig"), "[broken\n").expect("a file");
    for arguments in [
        &["validate", &host.app()][..],
        &["validate", &host.app(), "--no-cache"],
        &["validate", "."],
        &["validate", ".", "--revision", "HEAD"],
    ] {
        source.run(arguments).exits(4).says(".gitconfig:1").says("git config --list");
    }
    // A repository that was fetched before is no worse for it.
    fs::remove_file(source.home(".gitconfig")).expect("a file");
    source.run(&["validate", &host.app()]).exits(0);
    let fetched = source.fetched_packs(".cache");
    fs::write(source.home(".gitconfig"), "[broken\n").expect("a file");
    source.run(&["validate", &host.app()]).exits(4).says("git config --list");
    assert_eq!((fetched.len(), source.fetched_packs(".cache")), (1, fetched));
}

#[test]
fn a_proxy_comes_from_the_environment() {
    let source = source();
    let host = GitHost::of(&source);
    let through = |no_proxy: &str| {
        let mut command = source.command(&["validate", "http://git.invalid/app.git", "--no-cache"]);
        command.env("http_proxy", format!("http://{}", host.address())).env("NO_PROXY", no_proxy);
        Running::start(command).finish()
    };
    through("").exits(0);
    assert!(host.take_requests()[0].starts_with("GET http://git.invalid/app.git/info/refs"));
    through("git.invalid").exits(4);
    assert!(host.take_requests().is_empty());
}

/// Writes a tree whose entries are exactly these, and a commit of it as the branch `main` of the repository.
#[track_caller]
fn commit_raw_tree(repository: &Path, entries: &[(&str, &str, &str)]) {
    let git = |arguments: &[&str], input: &[u8]| {
        let mut git = Command::new("git");
        git.arg("--git-dir").arg(repository).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        for name in ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"] {
            git.env(name, "x");
        }
        let mut child = git.spawn().expect("git");
        child.stdin.take().expect("piped").write_all(input).expect("written");
        let done = child.wait_with_output().expect("git ends");
        assert!(done.status.success(), "{arguments:?}");
        String::from_utf8(done.stdout).expect("text").trim().to_owned()
    };
    let mut raw = Vec::new();
    for (mode, name, id) in entries {
        raw.extend_from_slice(format!("{mode} {name}\0").as_bytes());
        raw.extend((0..40).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16).expect("hex")));
    }
    let tree = git(&["hash-object", "-t", "tree", "-w", "--stdin", "--literally"], &raw);
    let root = "40000 static\0".to_owned();
    let manifest = git(&["rev-parse", "main:zerverless.yaml"], b"");
    let mut outer = root.into_bytes();
    outer.extend((0..40).step_by(2).map(|at| u8::from_str_radix(&tree[at..at + 2], 16).expect("hex")));
    outer.extend_from_slice(b"100644 zerverless.yaml\0");
    outer.extend((0..40).step_by(2).map(|at| u8::from_str_radix(&manifest[at..at + 2], 16).expect("hex")));
    let outer = git(&["hash-object", "-t", "tree", "-w", "--stdin", "--literally"], &outer);
    let commit = git(&["commit-tree", &outer, "-m", "hostile"], b"");
    git(&["update-ref", "refs/heads/main", &commit], b"");
}

#[test]
fn a_tree_that_no_git_would_write_is_refused_before_anything_is_sent() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = Sandbox::of(&App::of(server.namespace()).site()).file("static/index.html", "x").repository().create();
    let blob = source.git(&["rev-parse", "HEAD:static/index.html"]);
    let tree = source.git(&["rev-parse", "HEAD:static"]);
    for (entries, told) in [
        (vec![("100644", "..", blob.as_str())], "leads to another directory"),
        (vec![("40000", "..", &tree)], "leads to another directory"),
        (vec![("100644", ".", &blob)], "leads to another directory"),
        (vec![("40000", ".git", &tree)], "Git's own data"),
        (vec![("100644", ".GIT", &blob)], "Git's own data"),
        (vec![("100644", "/etc/passwd", &blob)], "leads through directories"),
        (vec![("100644", "../../x", &blob)], "leads through directories"),
        (vec![("100644", "a", &blob), ("100644", "a", &blob)], "stands there twice"),
        (vec![("100644", "a", &blob), ("40000", "a", &tree)], "stands there twice"),
        (vec![("160000", "module", &blob)], "`static/module` is a Git submodule"),
        (vec![("40000", "missing", &"1".repeat(40))], "static/missing"),
        (vec![("100644", "missing", &"1".repeat(40))], "static/missing"),
        (vec![("40000", "confused", &blob)], "static/confused"),
    ] {
        let host = GitHost::of(&source);
        commit_raw_tree(&host.path("app.git"), &entries);
        // Read in place: a server of Git itself refuses to send some of these.
        let place = format!("file://{}", host.path("app.git").display());
        source.run(&["sync", &place, "--server", proxy.url()]).exits(3).says(told);
    }
    assert!(proxy.requests().is_empty());
}

#[test]
fn links_are_resolved_inside_the_commit_and_refused_outside() {
    let server = Orchestrator::start();
    let source =
        Sandbox::of(&App::of(server.namespace()).site()).file("static/index.html", "x").file("shared/lib/a.js", "a").repository().create();
    let link = |target: &str, name: &str| std::os::unix::fs::symlink(target, source.path(name)).expect("a link");
    link("../shared/lib", "static/lib");
    link("lib/a.js", "static/b.js");
    source.commit();
    let host = GitHost::of(&source);
    source.run(&["sync", &host.app(), "--server", server.url()]).exits(0);
    let names: Vec<String> = server.files().into_keys().collect();
    assert_eq!(names, ["b.js", "index.html", "lib/a.js"]);
    for (target, told) in [
        ("/etc/passwd", "leads out of the repository"),
        ("../../../etc/passwd", "leads out of the repository"),
        ("bad", "leads back to itself"),
        ("nowhere", "does not exist"),
        ("..", "leads back to itself"),
        ("../.git/config", ".git"),
    ] {
        link(target, "static/bad");
        source.commit();
        host.push(&source, "app.git");
        let refused = source.run(&["sync", &host.app(), "--server", server.url()]).exits(3).says(told);
        assert!(!refused.said().contains("root:"), "{refused}");
        source.remove("static/bad");
    }
}

/// A tree with these entries, in the form of `git ls-tree`.
#[track_caller]
fn mktree(source: &Checkout, entries: &str) -> String {
    let mut git = Command::new("git");
    git.args(["mktree", "--missing"]).current_dir(source.path(".")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = git.spawn().expect("git");
    child.stdin.take().expect("piped").write_all(entries.as_bytes()).expect("written");
    let done = child.wait_with_output().expect("git ends");
    assert!(done.status.success(), "{entries}");
    String::from_utf8(done.stdout).expect("an id").trim().to_owned()
}

/// A commit of the manifest and of `tree` as its static files, as the branch `branch`.
#[track_caller]
fn branch_with_site(source: &Checkout, branch: &str, tree: &str) {
    let manifest = source.git(&["rev-parse", "HEAD:zerverless.yaml"]);
    let root = mktree(source, &format!("100644 blob {manifest}\tzerverless.yaml\n040000 tree {tree}\tstatic\n"));
    let commit = source.git(&["commit-tree", &root, "-m", "made by hand"]);
    source.git(&["branch", "--force", branch, &commit]);
}

#[test]
fn a_tree_that_holds_itself_many_times_is_not_walked_for_ever() {
    let source = source();
    let mut inner = source.git(&["rev-parse", "HEAD:static"]);
    for _ in 0..8 {
        inner = mktree(&source, &(0..10).map(|number| format!("040000 tree {inner}\td{number}\n")).collect::<String>());
    }
    branch_with_site(&source, "bomb", &inner);
    let host = GitHost::of(&source);
    source.run(&["validate", &host.app(), "--branch", "bomb"]).exits(3).says("more than 500000 files");
}

#[test]
fn what_is_too_large_is_refused_by_its_header_before_it_is_unpacked() {
    let source = source();
    let blob = source.git(&["rev-parse", "HEAD:static/index.html"]);
    let wide: String = (0..500_000).map(|number| format!("100644 blob {blob}\tf{number:07}\n")).collect();
    let wide = mktree(&source, &wide);
    branch_with_site(&source, "wide", &wide);
    source.run(&["validate", ".", "--branch", "wide"]).exits(3).says("at most 16777216 are read");

    // A loose object whose header promises 4 GiB, and whose content is not there at all: only who tries to unpack it notices that.
    let id = "ab".repeat(20);
    let header = b"blob 4294967296\0";
    let length = u16::try_from(header.len()).expect("a short header");
    let mut object = vec![0x78, 0x01, 0x00];
    object.extend(length.to_le_bytes());
    object.extend((!length).to_le_bytes());
    object.extend(header);
    let file = source.path(format!(".git/objects/{}/{}", &id[..2], &id[2..]));
    fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
    fs::write(&file, object).expect("an object");
    branch_with_site(&source, "huge", &mktree(&source, &format!("100644 blob {id}\thuge.bin\n")));
    let server = Orchestrator::start();
    let refused = source.run(&["sync", ".", "--branch", "huge", "--server", server.url()]).exits(3);
    assert!(refused.said().contains("4294967296 bytes"), "{refused}");
}
