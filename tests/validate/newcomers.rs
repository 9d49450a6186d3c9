//! Mistakes that people make with their first manifest, which they began with the one of the guide. Each is one finding that names the line and what to do.

use serde_json::Value;

use super::program::Place;

const GUIDE: &str = r#"apiVersion: zerverless.io/v1
kind: Application
metadata:
  name: my-services
  namespace: myuser
spec:
  source:
    repoURL: https://github.com/myuser/my-repo
    branch: main
  functions:
    - path: /hello
      runtime: lua
      code: |
        function handle(req)
          return {status=200, body="Hello from GitOps!"}
        end
    - path: /docker
      runtime: docker
      dockerfile: ./docker/Dockerfile
      context: ./docker
  static:
    dir: ./static
"#;

/// What is wrong, what stands in the guide and what instead, the line of the finding, and words of what to do.
const MISTAKES: [(&str, &str, &str, u64, &str); 29] = [
    ("a misspelt key", "  functions:", "  function:", 10, "did you mean `functions`?"),
    ("a key in another case", "dockerfile: ./docker/Dockerfile", "dockerFile: ./docker/Dockerfile", 19, "did you mean `dockerfile`?"),
    ("a tab", "    - path: /hello\n", "\t- path: /hello\n", 11, "indent with spaces"),
    ("a key indented too far", "      runtime: lua", "       runtime: lua", 12, "check the indentation"),
    ("a key not indented enough", "      runtime: lua", "     runtime: lua", 12, "indent the keys of an item as deep as its first key"),
    ("a runtime in another case", "runtime: lua", "runtime: Lua", 12, "did you mean `lua`?"),
    ("a runtime that there is not", "runtime: lua", "runtime: node", 12, "the runtimes are lua, javascript"),
    (
        "a file that is not there",
        "      code: |\n        function handle(req)\n          return {status=200, body=\"Hello from GitOps!\"}\n        end\n",
        "      codeFile: hello.lua\n",
        13,
        "create it, or correct the path",
    ),
    ("code and codeFile", "      code: |", "      codeFile: hello.lua\n      code: |", 13, "not both"),
    (
        "neither of them",
        "      code: |\n        function handle(req)\n          return {status=200, body=\"Hello from GitOps!\"}\n        end\n",
        "",
        11,
        "give `code: |`",
    ),
    ("another version", "zerverless.io/v1", "v1", 1, "write `apiVersion: zerverless.io/v1`"),
    ("another kind", "kind: Application", "kind: Deployment", 2, "write `kind: Application`"),
    ("a name with capitals and spaces", "name: my-services", "name: My Services", 4, "write it like `my-services`"),
    ("a namespace of the server's own", "namespace: myuser", "namespace: static", 5, "choose another namespace"),
    ("no namespace", "  namespace: myuser\n", "", 3, "add `namespace:`"),
    ("a path without its slash", "path: /hello", "path: hello", 11, "write `path: /hello`"),
    ("a path twice", "path: /docker", "path: /hello", 17, "one path holds one function"),
    ("no space behind a colon", "runtime: lua", "runtime:lua", 12, "put a space behind the colon: `runtime: lua`"),
    ("code that is not indented", "        function handle(req)", "      function handle(req)", 14, "indented deeper than `code`"),
    ("a list without its dash", "    - path: /hello\n", "      path: /hello\n", 17, "each item of a list starts with `- `"),
    ("a directory that is not there", "dir: ./static", "dir: ./public", 22, "name an existing directory"),
    ("a directory in the place of its section", "  static:\n    dir: ./static", "  static: ./static", 21, "write `dir`"),
    ("a port in quotes", "context: ./docker", "context: ./docker\n      port: \"8080\"", 21, "write it like `port: 8080`"),
    ("a Dockerfile that is misspelt", "./docker/Dockerfile", "./docker/Dockerfil", 19, "did you mean `docker/Dockerfile`?"),
    ("code for a container", "context: ./docker", "code: x", 20, "remove it"),
    ("a container for code", "      code: |", "      image: web:1\n      code: |", 13, "remove it, or change the runtime"),
    ("an `end` that is missing", "        end\n", "", 15, "`end`"),
    ("a handler by another name", "function handle(req)", "function handler(req)", 14, "rename `handler` to `handle`"),
    ("an absolute path on this machine", "dir: ./static", "dir: /home/me/static", 22, "relative to the manifest's directory"),
];

fn place(manifest: &str) -> Place {
    Place::with_manifest(manifest)
        .file("docker/Dockerfile", "FROM scratch\nCOPY . /\nEXPOSE 8080\n")
        .file("docker/app", "x")
        .file("static/index.html", "<h1>hi</h1>")
}

fn findings(manifest: &str) -> Vec<Value> {
    let said = place(manifest).validate(&["-o", "json"]);
    let object: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    object["diagnostics"].as_array().expect("findings").clone()
}

#[test]
fn the_manifest_of_the_guide_has_no_mistake() {
    assert_eq!(findings(GUIDE), Vec::<Value>::new());
}

#[test]
fn each_mistake_is_one_finding_with_its_line_and_what_to_do() {
    let mut wrong = Vec::new();
    for (what, from, to, line, help) in MISTAKES {
        assert!(GUIDE.contains(from), "{what}");
        let found = findings(&GUIDE.replacen(from, to, 1));
        let said = |one: &Value| format!("{}\n{}", one["message"].as_str().unwrap_or_default(), one["help"].as_str().unwrap_or_default());
        let good = found.len() == 1 && found[0]["file"] == "zerverless.yaml" && found[0]["line"] == line && said(&found[0]).contains(help);
        if !good {
            wrong.push(format!("{what}, line {line}, {help:?}: {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
