//! Nothing that may be a secret is shown, and nothing that a terminal would act on reaches it.

use super::program::{HEAD, Place, Said};

const CANARY: &str = "canary-7731";

fn in_every_format(place: &Place) -> Vec<Said> {
    ["human", "json", "markdown"].iter().map(|format| place.validate(&["--output", format, "--color", "always"])).collect()
}

#[test]
fn a_secret_in_the_wrong_place_is_never_shown() {
    let function =
        |line: &str| format!("{HEAD}spec:\n  functions:\n    - path: /a\n      runtime: docker\n      image: a:1\n      {line}\n");
    let manifests = [
        format!("{HEAD}auth: {{token: [{CANARY}]}}\nspec: {{}}\n"),
        format!("{HEAD}auth:\n  token:\n    - {CANARY}\nspec: {{}}\n"),
        format!("{HEAD}token: {CANARY}\nspec: {{}}\n"),
        format!("{HEAD}? [{CANARY}]\n: x\nspec: {{}}\n"),
        format!("{HEAD}spec: {CANARY}\n"),
        format!("{HEAD}spec:\n  functions: {CANARY}\n"),
        format!("{HEAD}spec:\n  functions:\n    - {CANARY}\n"),
        format!("{HEAD}spec:\n  static: {CANARY}\n"),
        format!("{HEAD}spec:\n  source: [{CANARY}]\n"),
        format!("{HEAD}spec:\n  static:\n    dir: .\n    includeIgnored: {CANARY}\n"),
        format!("{HEAD}spec:\n  static:\n    dir: .\n    exclude: {CANARY}\n"),
        format!("{HEAD}spec:\n  static:\n    dir: .\n    exclude: [[{CANARY}]]\n"),
        format!("apiVersion: zerverless.io/v1\nkind: Application\nmetadata: {CANARY}\nspec: {{}}\n"),
        format!("apiVersion: zerverless.io/v1\nkind: Application\nmetadata: {{name: [{CANARY}], namespace: b}}\nspec: {{}}\n"),
        format!("- {CANARY}\n"),
        format!("{CANARY}\n"),
        function(&format!("port: {CANARY}")),
        function(&format!("port: [{CANARY}]")),
        function(&format!("build: {CANARY}")),
        function(&format!("env: {{TOKEN: {CANARY}}}")),
        function(&format!("build: {{args: {{TOKEN: [{CANARY}]}}}}")),
        function(&format!("build: {{args: [{CANARY}]}}")),
        function(&format!("secrets: &s {CANARY}\n      prt: *s")),
        function(&format!("token: |\n        first\n        {CANARY}")),
    ];
    for text in manifests {
        for said in in_every_format(&Place::with_manifest(&text)) {
            assert_eq!(said.status, Some(3), "{text}\n{said:?}");
            assert!(!said.all().contains(CANARY), "{text}\n{}", said.all());
        }
    }
}

#[test]
fn a_secret_after_very_many_mistakes_stays_hidden() {
    let text = format!("{HEAD}{}token: {CANARY}\nspec: {{}}\n", (0..100).map(|n| format!("key{n}: 1\n")).collect::<String>());
    let said = Place::with_manifest(text).validate(&[]);
    said.refuses("`key99` is not a key of the manifest");
    assert!(!said.all().contains(CANARY), "{}", said.all());
}

#[test]
fn a_secret_beside_another_mistake_stays_hidden_in_its_snippet() {
    let text = format!("{HEAD}spec:\n  functions:\n    - path: a\n      token: {CANARY}\n      runtime: ruby\n      code: x\n");
    let said = Place::with_manifest(text).validate(&[]);
    said.refuses("`ruby` is not a runtime");
    assert!(!said.all().contains(CANARY), "{}", said.all());
}

/// Escape, carriage return, bell, delete, next line, the one-byte escape, and what turns or hides text.
const RAW: [char; 10] = ['\u{1b}', '\r', '\u{7}', '\u{7f}', '\u{85}', '\u{9b}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}'];

#[track_caller]
fn assert_harmless(said: &Said, what: &str) {
    let acts = |c: &char| (c.is_control() && *c != '\n') || RAW.contains(c);
    assert_eq!(said.all().chars().find(acts), None, "{what}: {:?}", said.all());
}

fn plain(place: &Place, arguments: &[&str]) -> Said {
    let human = place.validate(&[&["--color", "never"], arguments].concat());
    for format in ["json", "markdown"] {
        assert_harmless(&place.validate(&[&["--output", format], arguments].concat()), format);
    }
    human
}

/// The character as an escape of a double-quoted text.
fn escaped(raw: char) -> String {
    format!("\\u{:04x}", u32::from(raw))
}

#[test]
fn nothing_that_a_terminal_acts_on_is_shown_of_a_manifest() {
    for raw in RAW {
        for bad in [format!("\"a{}[31mb\"", escaped(raw)), format!("\"a{raw}[31mb\""), format!("a{raw}[31mb")] {
            let manifests = [
                format!("{HEAD}{bad}: 1\nspec: {{}}\n"),
                format!("{HEAD}{bad}: 1\n{bad}: 2\nspec: {{}}\n"),
                format!("apiVersion: {bad}\nkind: {bad}\nmetadata:\n  name: {bad}\n  namespace: {bad}\nspec: {{}}\n"),
                format!("{HEAD}spec:\n  functions:\n    - {{path: {bad}, runtime: {bad}, codeFile: {bad}}}\n"),
                format!("{HEAD}spec:\n  functions:\n    - {{path: /{bad}, runtime: lua, codeFile: ../{bad}}}\n"),
                format!("{HEAD}spec:\n  functions:\n    - {{path: /a, runtime: docker, dockerfile: {bad}, port: {bad}, health: {bad}}}\n"),
                format!("{HEAD}spec:\n  static: {{dir: {bad}, prefix: {bad}, exclude: [{bad}], includeIgnored: {bad}}}\n"),
                format!("{HEAD}spec:\n  functions: &a{raw} [*b{raw}]\n"),
                format!("{HEAD}spec: !x{raw} a\n"),
                format!("{HEAD}spec:\n  {bad}\n bad\n"),
            ];
            for text in manifests {
                let place = Place::with_manifest(&text);
                let said = if bad.starts_with('"') { plain(&place, &[]) } else { place.validate(&[]) };
                assert_harmless(&said, &text);
                assert_ne!(said.status, None, "{text:?}");
            }
        }
    }
}

#[test]
fn nothing_that_a_terminal_acts_on_is_shown_of_a_file_name() {
    for raw in RAW {
        let name = format!("a{raw}[31mb..c");
        let place = Place::with_spec("  static:\n    dir: site\n").file(&format!("site/{name}"), "x").link(&format!("site/l{raw}"), "gone");
        let said = plain(&place, &[]);
        said.refuses("has `..` in it");
        said.refuses("is a symlink to something that does not exist");
        assert_harmless(&said, &name);

        let named = Place::empty().file(&name, "spec: 1\n");
        assert_harmless(&plain(&named, &["--file", &name]), &name);
        assert_harmless(&plain(&named, &[&name]), &name);
        let directory = Place::empty().file(&format!("d{raw}/zerverless.yaml"), "spec: 1\n");
        assert_harmless(&plain(&directory, &["--recursive"]), &name);
        assert_harmless(&plain(&directory, &[&format!("d{raw}")]), &name);
        assert_harmless(&directory.validate(&[&format!("nowhere{raw}")]), &name);
        assert_harmless(&directory.validate(&["--file", &format!("../{raw}")]), &name);
        assert_harmless(&directory.validate(&[&format!("https://h/{raw}")]), &name);

        let ignored =
            Place::with_spec("  static:\n    dir: site\n").file("site/x", "x").file(".gitignore", format!("# {raw}\nsit{raw}e\n/site*\n"));
        assert_harmless(&plain(&ignored, &[]), &name);
    }
}

#[test]
fn names_and_lines_of_any_length_fit_any_width() {
    let (long, wide) = ("n".repeat(10_000), "日本🎉é".repeat(2_000));
    let (longest_shown, widest_shown) = ("n".repeat(400), "日本🎉é".repeat(30));
    for name in [long, wide, longest_shown, widest_shown] {
        let manifests = [
            format!("{HEAD}{name}: 1\nspec: {{}}\n"),
            format!("{HEAD}spec:\n  functions:\n    - {{path: {name}, runtime: {name}, codeFile: {name}}}\n"),
            format!("{HEAD}spec:\n  functions:\n    - {{path: \"/{name}\", runtime: lua, codeFile: \"{name}\"}}\n"),
            format!("{HEAD}spec:\n  static: {{dir: {name}, prefix: {name}, exclude: [{name}]}}\n"),
            format!("apiVersion: {name}\nkind: {name}\nmetadata: {{name: {name}, namespace: {name}}}\nspec: {{}}\n"),
        ];
        for text in manifests {
            let place = Place::with_manifest(&text);
            for columns in ["0", "20", "40", "65535", "wide", "-1"] {
                let mut command = std::process::Command::new(super::program::program());
                command.arg("validate").current_dir(place.path()).env_clear().env("COLUMNS", columns);
                let said = Said::of(command);
                assert_eq!(said.status, Some(3), "{columns}: {}", said.stderr);
                assert!(!said.stderr.contains("panicked"), "{}", said.stderr);
            }
        }
    }
}

#[test]
fn colour_is_for_terminals_or_for_those_who_ask() {
    let place = Place::with_spec("  function: 1\n");
    let said = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = std::process::Command::new(super::program::program());
        command.arg("validate").args(arguments).current_dir(place.path()).env_clear().envs(variables.iter().copied());
        Said::of(command).all().contains('\u{1b}')
    };
    assert!(!said(&[], &[]), "a pipe is no terminal");
    assert!(!said(&[("NO_COLOR", "1")], &[]));
    assert!(!said(&[("TERM", "xterm-256color")], &["--color", "never"]));
    assert!(said(&[], &["--color", "always"]));
    assert!(said(&[("NO_COLOR", "1")], &["--color", "always"]), "what was typed wins over the environment");
}
