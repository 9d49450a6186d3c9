//! The files for pre-commit, GitHub Actions and GitLab CI do what they say. They are run as those run them, without the network.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{App, Checkout, Orchestrator, Outcome, Running, Sandbox};

const LUA: &str = "function handle(req) return 1 end";

fn in_repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn yaml(name: &str) -> Value {
    let text = fs::read_to_string(in_repository(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text"))
}

/// A shell that finds the program, with nothing else of this process's environment.
fn shell(checkout: &Checkout, script: &str) -> Command {
    let mut command = checkout.shell("bash");
    let program = Path::new(env!("CARGO_BIN_EXE_zerverless-gitops")).parent().expect("a directory");
    let path = std::env::var("PATH").expect("a search path");
    command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).env("PATH", format!("{}:{path}", program.display()));
    command
}

fn good() -> Sandbox {
    Sandbox::of(&App::of("demo").lua("/hello", LUA))
}

fn bad() -> Sandbox {
    Sandbox::of(&App::of("demo").lua("hello", LUA))
}

mod pre_commit {
    use super::{Checkout, Outcome, Path, Running, Sandbox, bad, fs, good, in_repository, word, yaml};

    /// Runs the hook of this repository in another one, as pre-commit does before a commit.
    fn hook(checkout: &Checkout, id: &str) -> Outcome {
        let hooks = Sandbox::empty().file(".pre-commit-hooks.yaml", fs::read(in_repository(".pre-commit-hooks.yaml")).expect("hooks"));
        let hooks = hooks.repository().create();
        let mut command = checkout.shell("pre-commit");
        let program = Path::new(env!("CARGO_BIN_EXE_zerverless-gitops")).parent().expect("a directory");
        let path = std::env::var("PATH").expect("a search path");
        command.args(["try-repo", "--all-files", "--verbose"]).arg(hooks.path("")).arg(id);
        command.env("PATH", format!("{}:{path}", program.display())).env("PRE_COMMIT_HOME", checkout.home("pre-commit"));
        Running::start(command).finish()
    }

    #[test]
    fn a_commit_with_a_mistake_is_stopped_at_its_line() {
        let checkout = bad().repository().create();
        hook(&checkout, "zerverless-validate-system").exits(1).says("zerverless.yaml").says("ZG011").says("write `path: /hello`");
        let checkout = good().repository().create();
        hook(&checkout, "zerverless-validate-system").exits(0).says("valid, 1 function");
    }

    #[test]
    fn both_hooks_run_the_same_and_only_their_way_to_the_program_differs() {
        let hooks = yaml(".pre-commit-hooks.yaml");
        let hooks = hooks.as_array().expect("hooks");
        assert_eq!(hooks.iter().map(|hook| word(&hook["language"])).collect::<Vec<_>>(), ["rust", "system"]);
        for key in ["entry", "pass_filenames", "require_serial"] {
            assert_eq!(hooks[0][key], hooks[1][key], "{key}");
        }
    }
}

mod action {
    use super::{App, BTreeMap, Checkout, LUA, Outcome, Running, Sandbox, Value, bad, fs, good, in_repository, shell, word, yaml};

    const DIRECTORY: &str = ".github/actions/validate";

    /// What stands between `${{` and `}}`, as far as the action uses it.
    fn expression(text: &str, inputs: &BTreeMap<&str, &str>, action: &Value, outputs: &BTreeMap<String, String>) -> String {
        let Some(inner) = text.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")) else { return text.to_owned() };
        match inner.trim().split('.').collect::<Vec<_>>()[..] {
            ["inputs", name] => {
                let default = || word(&action["inputs"][name]["default"]);
                inputs.get(name).copied().unwrap_or_else(default).to_owned()
            }
            ["steps", step, "outputs", name] => outputs.get(&format!("{step}.{name}")).cloned().unwrap_or_default(),
            _ => panic!("{text} is not understood here"),
        }
    }

    /// Runs the steps one after another until one fails.
    fn run(checkout: &Checkout, inputs: &[(&str, &str)]) -> Outcome {
        let action = yaml(&format!("{DIRECTORY}/action.yml"));
        let inputs: BTreeMap<&str, &str> = inputs.iter().copied().collect();
        assert!(inputs.keys().all(|name| action["inputs"][*name].is_object()), "inputs that there are");
        assert_eq!(action["runs"]["using"], "composite");
        let mut outputs = BTreeMap::new();
        let mut last = None;
        for step in action["runs"]["steps"].as_array().expect("steps") {
            let script = word(&step["run"]);
            assert!(!script.contains("${{"), "what others wrote becomes part of a script:\n{script}");
            assert_eq!(step["shell"], "bash");
            let (output, summary) = (checkout.home("output"), checkout.home("summary"));
            let mut command = shell(checkout, script);
            for (name, value) in step["env"].as_object().expect("variables") {
                command.env(name, expression(word(value), &inputs, &action, &outputs));
            }
            command.env("GITHUB_OUTPUT", &output).env("GITHUB_STEP_SUMMARY", summary).env("RUNNER_TEMP", checkout.home(""));
            command.env("GITHUB_ACTION_PATH", in_repository(DIRECTORY));
            let outcome = Running::start(command).finish();
            if let (Some(id), Ok(text)) = (step["id"].as_str(), fs::read_to_string(output)) {
                outputs.extend(
                    text.lines().filter_map(|line| line.split_once('=')).map(|(name, value)| (format!("{id}.{name}"), value.to_owned())),
                );
            }
            let failed = outcome.status != 0;
            last = Some(outcome);
            if failed {
                break;
            }
        }
        last.expect("a step")
    }

    #[test]
    fn findings_become_annotations_a_summary_and_files() {
        let checkout = bad().create();
        let outcome = run(&checkout, &[("sarif", "out.sarif"), ("junit", "out.xml")]).exits(3);
        assert!(outcome.stdout.contains("::error file=zerverless.yaml,line="), "{outcome}");
        assert!(fs::read_to_string(checkout.home("summary")).expect("a summary").contains("ZG011"));
        assert!(fs::read_to_string(checkout.path("out.sarif")).expect("a file").contains("ZG011"));
        assert!(fs::read_to_string(checkout.path("out.xml")).expect("a file").contains("ZG011"));
        run(&good().create(), &[]).exits(0);
    }

    #[test]
    fn every_input_is_used() {
        let warned = Sandbox::of(&App::of("demo").lua("/hello", "return 1")).create();
        run(&warned, &[]).exits(0);
        run(&warned, &[("strict", "true")]).exits(3);

        let two = good().file("a b/zerverless.yaml", App::of("demo").named("other").lua("bad", LUA).yaml()).create();
        run(&two, &[]).exits(3);
        run(&two, &[("recursive", "false")]).exits(0);
        run(&two, &[("sources", "\na b\n")]).exits(3).says("a b/zerverless.yaml");
        run(&two, &[("sources", "a b\n.\n"), ("recursive", "false")]).exits(3);

        let old = bad().repository().create();
        run(&old, &[("changed-since", "HEAD")]).exits(0);
        old.write("zerverless.yaml", App::of("demo").lua("hello", LUA).lua("again", LUA).yaml());
        run(&old, &[("changed-since", "HEAD")]).exits(3);

        run(&good().create(), &[("binary", "/bin/false")]).exits(1);
    }
}

mod gitlab {
    use super::{App, Checkout, LUA, Orchestrator, Outcome, Running, Sandbox, bad, fs, shell, word, yaml};

    const FILE: &str = ".gitlab/zerverless-gitops.gitlab-ci.yml";

    /// Runs the lines of a job as a runner does: those before it, then its own.
    fn job(checkout: &Checkout, name: &str, variables: &[(&str, &str)]) -> Outcome {
        let file = yaml(FILE);
        let job = &file[name];
        assert_eq!(job["extends"], ".zerverless");
        let lines = file[".zerverless"]["before_script"].as_array().into_iter().chain(job["script"].as_array()).flatten();
        let script = lines.map(word).collect::<Vec<_>>().join("\n");
        let mut command = shell(checkout, &script);
        for (name, value) in file["variables"].as_object().expect("variables") {
            command.env(name, word(value));
        }
        command.env("CI", "true").envs(variables.iter().copied());
        Running::start(command).finish()
    }

    #[test]
    fn what_is_wrong_is_in_the_report_that_the_job_gives_to_gitlab() {
        let checkout = bad().create();
        job(&checkout, "zerverless-validate", &[]).exits(3).says("ZG011");
        let report = yaml(FILE)["zerverless-validate"]["artifacts"]["reports"]["junit"].clone();
        assert!(fs::read_to_string(checkout.path(word(&report))).expect("the report").contains("ZG011"));
    }

    #[test]
    fn a_merge_is_shown_and_then_made() {
        let server = Orchestrator::start();
        let checkout = Sandbox::of(&App::of(server.namespace()).lua("/hello", LUA)).repository().create();
        let variables = [("ZERVERLESS_URL", server.url())];
        job(&checkout, "zerverless-diff", &variables).exits(0).says("/hello");
        let note = yaml(FILE)["zerverless-diff"]["artifacts"]["paths"][0].clone();
        assert!(fs::read_to_string(checkout.path(word(&note))).expect("a note").contains("+ function /hello"));
        assert!(server.functions().is_empty());
        job(&checkout, "zerverless-sync", &variables).exits(0);
        assert_eq!(server.functions().len(), 1);
    }
}
