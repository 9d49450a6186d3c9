//! What a pull request gets to see of a plan: `diff` as a comment and as annotations.

use std::fs;

use crate::support::{App, Orchestrator, Running, Sandbox};

const HELLO: &str = "function handle(req) return \"s3cr3t\" end";
const BYE: &str = "function handle(req) return \"bye\" end";

/// A comment of more characters is refused.
const LONGEST: usize = 65_536;

fn markers(comment: &str) -> Vec<&str> {
    comment.lines().filter(|line| line.starts_with("<!-- ")).collect()
}

#[test]
fn each_application_has_a_marker_that_stays_while_its_plan_changes() {
    let server = Orchestrator::start();
    let ns = server.namespace();
    let app = |name: &str| App::of(ns).named(name);
    let checkout = Sandbox::empty()
        .file("a/zerverless.yaml", app("one").lua("/one", HELLO).yaml())
        .file("b/zerverless.yaml", app("two").lua("/two", HELLO).yaml())
        .repository()
        .create();
    let comment = || checkout.run(&["diff", "--recursive", "--server", server.url(), "-o", "markdown"]).exits(0).stdout;
    let first = comment();
    assert_eq!(markers(&first), [format!("<!-- zerverless-gitops {ns}/one -->"), format!("<!-- zerverless-gitops {ns}/two -->")]);
    assert!(first.contains("+ function /one") && first.contains("+ function /two"), "{first}");
    assert!(!first.contains("s3cr3t"), "names only\n{first}");

    checkout.run(&["sync", "--recursive", "--server", server.url()]).exits(0);
    checkout.write("a/zerverless.yaml", app("one").lua("/one", BYE).lua("/new", HELLO).yaml());
    let second = comment();
    assert_eq!(markers(&first), markers(&second));
    assert!(second.contains("~ function /one") && second.contains("+ function /new"), "{second}");
    let two = &second[second.rfind("<!-- ").expect("a marker")..];
    assert!(!two.contains("function /two"), "nothing is to do there\n{two}");
    let shown = checkout.run(&["diff", "--recursive", "--server", server.url(), "-o", "markdown", "--show-code"]).exits(0).stdout;
    assert!(shown.contains("s3cr3t") && markers(&shown) == markers(&first), "{shown}");
}

#[test]
fn the_sum_comes_first_and_a_large_plan_still_fits_into_a_comment() {
    let server = Orchestrator::start();
    let mut sandbox = Sandbox::of(&App::of(server.namespace()).site());
    for number in 0..1500 {
        sandbox = sandbox.file(&format!("static/a-directory-with-a-rather-long-name/page-{number:05}.html"), "x");
    }
    let comment = sandbox.create().run(&["diff", "--server", server.url(), "-o", "markdown"]).exits(0).stdout;
    assert!(comment.chars().count() < LONGEST, "{} characters", comment.chars().count());
    let sum = comment.find("1,500").unwrap_or_else(|| panic!("no sum in {}", &comment[..300]));
    assert!(sum < comment.find("+ file").expect("a file"), "{}", &comment[..600]);
    let rest = comment.lines().find(|line| line.starts_with("… and ")).expect("what is not shown is counted");
    assert!(rest.ends_with(" more"), "{rest}");
}

#[test]
fn a_workflow_gets_annotations_and_the_comment_as_its_summary() {
    let server = Orchestrator::start();
    let app = App::of(server.namespace()).lua("/hello", HELLO).site();
    let checkout = Sandbox::of(&app).file("static/index.html", "x").create();
    let summary = checkout.home("summary.md");
    let diff = || {
        let mut command = checkout.command(&["diff", "--server", server.url(), "-o", "github"]);
        command.env("GITHUB_STEP_SUMMARY", &summary).env("GITHUB_ACTIONS", "true");
        Running::start(command).finish().exits(0)
    };
    let first = diff();
    let notice = format!("::notice title={}/app::", server.namespace());
    assert!(first.stdout.starts_with(&notice) && first.stdout.contains("2 to create"), "{first}");
    assert!(!first.said().contains("s3cr3t"), "{first}");
    let text = fs::read_to_string(&summary).expect("a summary");
    assert!(text.starts_with("<!-- zerverless-gitops ") && text.contains("+ function /hello"), "{text}");
    checkout.run(&["sync", "--server", server.url()]).exits(0);
    let second = diff();
    assert!(second.stdout.contains("2 unchanged") && !second.stdout.contains("create"), "{second}");
}

#[test]
fn names_of_others_start_no_command_and_end_no_block() {
    let server = Orchestrator::start();
    let app = App::of(server.namespace()).site();
    let checkout = Sandbox::of(&app)
        .raw_file(b"static/a\n::error::b.html", "x")
        .file("static/```.html", "x")
        .file("static/<img src=x>@team.html", "x")
        .create();
    let github = checkout.run(&["diff", "--server", server.url(), "-o", "github", "-v"]).exits(0).stdout;
    assert!(github.lines().all(|line| !line.starts_with("::error")), "{github}");
    let comment = checkout.run(&["diff", "--server", server.url(), "-o", "markdown"]).exits(0).stdout;
    assert_eq!(comment.matches("```").count(), 2, "one block\n{comment}");
    assert!(!comment.contains("\n::error"), "{comment}");
}

#[test]
fn the_head_of_a_pull_request_is_on_no_branch_and_that_is_no_mismatch() {
    let server = Orchestrator::start();
    let yaml = App::of(server.namespace()).lua("/hello", HELLO).yaml();
    let source = "spec:\n  source: {repoURL: 'https://example.org/me/app', branch: main}\n";
    let checkout = Sandbox::empty().file("zerverless.yaml", yaml.replace("spec:\n", source)).repository().create();
    checkout.git(&["remote", "add", "origin", "git@example.org:me/app.git"]);
    checkout.run(&["sync", "--server", server.url()]).exits(0);
    checkout.git(&["checkout", "--quiet", "--detach"]);
    checkout.write("zerverless.yaml", yaml.replace("spec:\n", source).replace("/hello", "/bye"));
    checkout.commit();
    for format in ["markdown", "github"] {
        let told = checkout.run(&["diff", "--allow-empty", "--server", server.url(), "-o", format]).exits(0);
        assert!(!told.said().contains("warning") && !told.said().contains("branch"), "{told}");
    }
}
