//! Private repositories: which credentials are tried, how often, and that none is found anywhere afterwards.

use std::fs;
use std::process::Command;

use crate::support::{
    Agent, App, Checkout, GitHost, Orchestrator, Outcome, Proxy, Running, Sandbox, Sshd, Stranger, TlsFront, private_file,
};

const TOKEN: &str = "ghp_c4n4ry0f4t0k3n";

fn source() -> Checkout {
    Sandbox::of(&App::of("ns").site()).file("static/index.html", "x").repository().create()
}

/// A host with `source` as its `app.git` that asks for [`TOKEN`].
fn private(source: &Checkout, user: &str) -> GitHost {
    let host = GitHost::of(source);
    host.demand(user, TOKEN);
    private_file(&source.home("token"), &format!("{TOKEN}\n"));
    host
}

#[track_caller]
fn with(source: &Checkout, arguments: &[&str], variables: &[(&str, &str)]) -> Outcome {
    let mut command = source.command(arguments);
    command.envs(variables.iter().copied());
    Running::start(command).finish()
}

#[test]
fn a_token_comes_from_a_file_the_environment_the_url_or_gits_credential_helper() {
    let source = source();
    let host = private(&source, "x-access-token");
    let (app, file) = (host.app(), source.home("token").display().to_string());
    with(&source, &["validate", &app, "--no-cache"], &[]).exits(4).says("no credential").says("--git-token-file");
    host.take_requests();
    with(&source, &["validate", &app, "--no-cache", "--git-token-file", &file], &[]).exits(0);
    assert!(host.requests().iter().all(|asked| asked.authorization.is_some()), "no request is wasted");
    with(&source, &["validate", &app, "--no-cache"], &[("ZERVERLESS_GIT_TOKEN", TOKEN)]).exits(0);

    host.demand("oauth2", TOKEN);
    with(&source, &["validate", &app, "--no-cache", "--git-token-file", &file], &[]).exits(4).says("the token from --git-token-file");
    with(&source, &["validate", &app, "--no-cache", "--git-token-file", &file, "--git-username", "oauth2"], &[]).exits(0);
    let in_url = app.replace("http://", &format!("http://oauth2:{TOKEN}@"));
    with(&source, &["validate", &in_url, "--no-cache"], &[]).exits(0);

    fs::write(source.home(".gitconfig"), "[credential]\n\thelper = store\n").expect("a file");
    private_file(&source.home(".git-credentials"), &app.replace("http://", &format!("http://oauth2:{TOKEN}@")).replace("/app.git", ""));
    with(&source, &["validate", &app, "--no-cache"], &[]).exits(0);
}

/// One way to a private repository: what the command line and the environment say.
struct Way<'a> {
    name: &'a str,
    url: String,
    arguments: Vec<String>,
    variables: Vec<(&'a str, String)>,
}

#[test]
fn a_private_repository_is_deployed_by_token_by_agent_and_by_key_file_and_a_second_run_fetches_nothing() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).lua("/x", "function handle() end").site())
        .file("static/index.html", "private")
        .repository()
        .create();
    let host = private(&source, "x-access-token");
    let (sshd, agent) = (Sshd::start(&["ed25519"]), Agent::start());
    let key = sshd.key("good", "ed25519", "", true);
    agent.add(&key);
    let (known, key) = (sshd.known_hosts("ed25519").display().to_string(), key.display().to_string());
    let ssh = |more: &[&str], variables: Vec<(&'static str, String)>, name| Way {
        name,
        url: sshd.url(&host.path("app.git")),
        arguments: ["--known-hosts", &known].iter().chain(more).map(|&word| word.to_owned()).collect(),
        variables,
    };
    let ways = [
        Way { name: "token", url: host.app(), arguments: Vec::new(), variables: vec![("ZERVERLESS_GIT_TOKEN", TOKEN.to_owned())] },
        ssh(&[], vec![("SSH_AUTH_SOCK", agent.socket().display().to_string())], "agent"),
        ssh(&["--ssh-key", &key], Vec::new(), "key"),
    ];
    for way in &ways {
        source.write("static/index.html", way.name);
        let commit = source.commit();
        host.push(&source, "app.git");
        let cache = format!("cache-{}", way.name);
        let cache_dir = source.home(&cache).display().to_string();
        let sync = |url: &str, which: &[&str]| {
            let own = way.arguments.iter().map(String::as_str);
            let fixed = ["sync", &way.url, "--server", url, "-o", "json", "--cache-dir", &cache_dir, "--rebind"];
            let arguments: Vec<&str> = fixed.into_iter().chain(own).chain(which.iter().copied()).collect();
            let variables: Vec<(&str, &str)> = way.variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
            with(&source, &arguments, &variables).exits(0)
        };
        let first = sync(server.url(), &[]);
        assert_eq!(first.json()["applications"][0]["revision"], commit.as_str(), "{first}");
        assert_eq!(server.files()["index.html"], way.name.as_bytes(), "{first}");
        let fetched = source.fetched_packs(&cache);
        assert_eq!(fetched.len(), 1, "{}: {fetched:?}", way.name);

        host.take_requests();
        let proxy = Proxy::before(&server);
        for which in [&[][..], &["--branch", "main"], &["--revision", &commit]] {
            let again = sync(proxy.url(), which);
            assert!(again.changes().is_empty(), "{again}");
        }
        assert_eq!(proxy.writes(), Vec::<String>::new(), "{}", way.name);
        assert_eq!(source.fetched_packs(&cache), fetched, "{}: nothing is fetched again", way.name);
        let asked = host.take_requests();
        assert!(asked.iter().all(|line| line.starts_with("GET /app.git/info/refs")), "{asked:?}");
    }
}

#[test]
fn a_wrong_credential_is_sent_once() {
    let source = source();
    let host = private(&source, "x-access-token");
    let refused = with(&source, &["validate", &host.app(), "-vv"], &[("ZERVERLESS_GIT_TOKEN", "wr0ng-t0ken")]).exits(4);
    assert!(refused.said().contains("tried: the token from ZERVERLESS_GIT_TOKEN"), "{refused}");
    assert!(!refused.said().contains("wr0ng"), "{refused}");
    assert_eq!(host.requests().len(), 1, "{:?}", host.requests());
}

#[test]
fn no_credential_follows_a_redirect() {
    let source = source();
    let host = private(&source, "x-access-token");
    let to = host.app();
    let stranger = Stranger::who(move |mut connection| {
        use std::io::Write;
        write!(connection, "HTTP/1.1 302 Found\r\nLocation: {to}/info/refs?service=git-upload-pack\r\nContent-Length: 0\r\n\r\n")
    });
    host.take_requests();
    let stopped = with(&source, &["validate", &stranger.url()], &[("ZERVERLESS_GIT_TOKEN", TOKEN)]).exits(4);
    assert!(stopped.said().contains(&format!("redirects to {}", host.app())), "{stopped}");
    assert!(host.requests().is_empty());
}

#[test]
fn https_is_spoken_with_a_host_whose_authority_is_known_and_with_no_other() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).site()).file("static/index.html", "x").repository().create();
    let host = private(&source, "x-access-token");
    let front = TlsFront::before(host.address());
    let url = format!("https://{}/app.git", front.address);
    let sync = |authority: Option<&str>| {
        let mut variables = vec![("ZERVERLESS_GIT_TOKEN", TOKEN)];
        variables.extend(authority.map(|file| ("SSL_CERT_FILE", file)));
        with(&source, &["sync", &url, "--server", server.url(), "-o", "json"], &variables)
    };
    let unknown = sync(None).exits(4).says("certificate").says("SSL_CERT_FILE");
    assert!(!unknown.said().contains(TOKEN) && host.take_requests().is_empty(), "nothing was said to it: {unknown}");
    let authority = front.authority().display().to_string();
    sync(Some(&authority)).exits(0);
    assert_eq!(server.files()["index.html"], b"x");
    // Another authority of the same name is another one.
    let stranger = TlsFront::before(host.address());
    sync(Some(&stranger.authority().display().to_string())).exits(4).says("certificate");
}

#[test]
fn a_token_goes_to_another_machine_only_over_https() {
    let source = source();
    with(&source, &["validate", "http://git.invalid/app.git"], &[("ZERVERLESS_GIT_TOKEN", TOKEN)]).exits(4).says("only sent over https");
}

#[test]
fn ssh_tries_the_key_that_is_named_and_else_those_of_the_agent() {
    let source = source();
    let host = GitHost::of(&source);
    let sshd = Sshd::start(&["ed25519"]);
    let (url, known) = (sshd.url(&host.path("app.git")), sshd.known_hosts("ed25519").display().to_string());
    let validate = |more: &[&str], variables: &[(&str, &str)]| {
        with(&source, &[&["validate", &url, "--no-cache", "--known-hosts", &known], more].concat(), variables)
    };
    let good = sshd.key("good", "ed25519", "", true);
    let locked = sshd.key("locked", "ed25519", "open sesame", true);
    let bad = sshd.key("bad", "ecdsa", "", false);
    let named = |key: &std::path::Path| key.display().to_string();
    validate(&["--ssh-key", &named(&good)], &[]).exits(0);
    validate(&["--ssh-key", &named(&locked)], &[("ZERVERLESS_SSH_PASSPHRASE", "open sesame")]).exits(0);
    validate(&["--ssh-key", &named(&locked)], &[]).exits(4).says("has it a passphrase?");
    let wrong =
        validate(&["--ssh-key", &named(&locked)], &[("ZERVERLESS_SSH_PASSPHRASE", "c4n4ry")]).exits(4).says("the passphrase is wrong");
    assert!(!wrong.said().contains("c4n4ry"));
    let refused = validate(&["--ssh-key", &named(&bad)], &[]).exits(4);
    assert_eq!(refused.said().matches("/bad").count(), 1, "tried once: {refused}");
    validate(&["--ssh-key", "/nowhere"], &[]).exits(4).says("/nowhere");
    validate(&[], &[]).exits(4).says("no agent and no key file");

    let agent = Agent::start();
    agent.add(&bad);
    let socket = agent.socket().display().to_string();
    validate(&[], &[("SSH_AUTH_SOCK", &socket)]).exits(4).says("the key `bad` of the agent");
    agent.add(&good);
    validate(&[], &[("SSH_AUTH_SOCK", &socket)]).exits(0);
    fs::create_dir(source.home(".ssh")).expect("a directory");
    fs::copy(&good, source.home(".ssh/id_ed25519")).expect("a key");
    validate(&[], &[]).exits(0);
    let missing = url.replace("app.git", "missing.git");
    with(&source, &["validate", &missing, "--known-hosts", &known], &[]).exits(4).says("does not appear to be a git repository");
}

#[test]
fn a_host_whose_key_is_unknown_or_another_is_told_nothing() {
    let source = source();
    let host = GitHost::of(&source);
    let sshd = Sshd::start(&["ecdsa", "ed25519"]);
    let key = sshd.key("good", "ed25519", "", true).display().to_string();
    let url = sshd.url(&host.path("app.git"));
    let validate = |known: &str| with(&source, &["validate", &url, "--no-cache", "--ssh-key", &key, "--known-hosts", known], &[]);
    private_file(&source.home("empty"), "");
    let unknown = validate(&source.home("empty").display().to_string()).exits(4);
    assert!(unknown.said().contains("is not known; its key is SHA256:"), "{unknown}");
    assert!(unknown.said().contains(&format!("ssh-keyscan -p {} 127.0.0.1", sshd.port())), "{unknown}");
    let known = sshd.known_hosts_with(&std::path::Path::new(&key).with_extension("pub")).display().to_string();
    validate(&known).exits(4).says("another key than is known").says("known_hosts:1");
    // Of the two keys of the host each is enough, in the clear and hashed.
    for kind in ["ecdsa", "ed25519"] {
        let known = sshd.known_hosts(kind).display().to_string();
        validate(&known).exits(0);
        crate::support::openssh("ssh-keygen", &["-q", "-H", "-f", &known], None);
        assert!(fs::read_to_string(&known).expect("a file").starts_with("|1|"));
        validate(&known).exits(0);
    }
    fs::create_dir(source.home(".ssh")).expect("a directory");
    fs::copy(sshd.known_hosts("ed25519"), source.home(".ssh/known_hosts")).expect("a file");
    with(&source, &["validate", &url, "--no-cache", "--ssh-key", &key], &[]).exits(0);
}

/// A token that only the test below uses: others, which run beside it, show theirs in the arguments of a process.
const CANARY: &str = "ghp_0nly0f0ne7est";

#[test]
fn a_secret_is_found_nowhere() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).site()).file("static/index.html", "x").repository().create();
    let host = GitHost::of(&source);
    host.demand("x-access-token", CANARY);
    let variables = [("ZERVERLESS_GIT_TOKEN", CANARY)];
    let app = host.app();
    let in_url = app.replace("http://", &format!("http://x-access-token:{CANARY}@"));
    for arguments in [
        vec!["sync", &app, "--server", server.url()],
        vec!["sync", &in_url, "--server", server.url(), "-o", "json"],
        vec!["diff", &in_url, "--server", server.url(), "--branch", "none"],
        vec!["validate", &in_url, "--revision", "01234567"],
        vec!["validate", &in_url.replace("app.git", "none.git")],
        vec!["validate", &in_url.replace("http:", "https:")],
        vec!["validate", &in_url.replace("http:", "git:")],
        vec!["validate", &in_url.replace("http:", "ssh:")],
        vec!["validate", &format!("{in_url}?x")],
    ] {
        let said = with(&source, &[&arguments[..], &["-vv"]].concat(), &variables).said();
        assert!(!said.contains(CANARY), "{arguments:?}: {said}");
    }
    host.cut_packs(Some(200));
    let said = with(&source, &["validate", &in_url, "--no-cache", "-vv"], &variables).exits(4).said();
    assert!(!said.contains(CANARY), "{said}");
    host.cut_packs(None);
    host.stall_packs(true);
    host.take_requests();
    let mut command = source.command(&["validate", &app, "--no-cache", "-vv"]);
    command.env("ZERVERLESS_GIT_TOKEN", CANARY);
    let running = Running::start(command);
    host.wait_for("POST");
    let processes = Command::new("ps").args(["-eo", "args"]).output().expect("ps is installed");
    assert!(!String::from_utf8_lossy(&processes.stdout).lines().any(|line| line.contains(CANARY)));
    host.stall_packs(false);
    let _ = running.finish().exits(0);

    let kept = walkdir::WalkDir::new(source.home(".cache")).into_iter().flatten().filter(|file| file.file_type().is_file());
    let mut files = 0;
    for file in kept {
        let bytes = fs::read(file.path()).expect("a file of the cache");
        assert!(!bytes.windows(CANARY.len()).any(|piece| piece == CANARY.as_bytes()), "{}", file.path().display());
        files += 1;
    }
    assert!(files > 5, "the cache was looked at");
    let records = server.send("GET", "/api/db/zerverless-gitops/?prefix=m.", b"").parsed();
    for key in records["keys"].as_array().expect("keys") {
        let value = server.send("GET", &format!("/api/db/zerverless-gitops/{}", key.as_str().expect("a key")), b"").parsed();
        assert!(!value.to_string().contains(CANARY), "{value}");
    }
}
