//! A first manifest with comments, from what was found in a directory.

use std::fmt::Write;

use super::application::Runtime;
use super::schema::SCHEMA_FILE;
use crate::key::{AppId, printable};

/// What a manifest could name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proposal {
    /// In the order of their paths; no path stands twice.
    pub functions: Vec<ProposedFunction>,
    /// The directory of the static files.
    pub site: Option<ProposedSite>,
    /// Other directories that could be it.
    pub other_sites: Vec<String>,
    /// What looks like a function and cannot be one as it is, with the reason.
    pub left_out: Vec<(String, String)>,
}

/// One function that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedFunction {
    /// Its path on the server.
    pub path: String,
    /// The file it was found in, relative to the manifest.
    pub file: String,
    /// What runs the code in that file; none for a Dockerfile.
    pub runtime: Option<Runtime>,
}

/// A directory of static files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedSite {
    /// Relative to the manifest.
    pub dir: String,
    /// Git ignores it: a build writes it.
    pub ignored: bool,
}

const STARTER: &str = r#"    # Nothing was found, so this is a first one. Longer code lives in a file of its own: `codeFile: functions/hello.lua`
    - path: /hello
      runtime: lua
      code: |
        function handle(req)
          return {status = 200, body = "Hello from Zerverless!"}
        end
"#;

/// The text of a manifest; `repository` is the URL that its files come from, where that is known.
#[must_use]
pub fn scaffold(app: &AppId, proposal: &Proposal, repository: Option<&str>) -> String {
    let (name, namespace) = (scalar(app.name.as_str()), scalar(app.namespace.as_str()));
    let mut out = format!(
        "# yaml-language-server: $schema={SCHEMA_FILE}\n\
         # What this application consists of. `zerverless-gitops validate` checks it, `diff` shows what a sync would change,\n\
         # and `sync --local` makes it so on an orchestrator of your own machine.\n\
         apiVersion: zerverless.io/v1\n\
         kind: Application\n\
         metadata:\n\
         \x20 # Unique in its namespace.\n\
         \x20 name: {name}\n\
         \x20 # Functions answer below /{0}/, files are served below /static/{0}/.\n\
         \x20 namespace: {namespace}\n\
         spec:\n",
        app.namespace
    );
    if let Some(url) = repository {
        let _ = write!(
            out,
            "  # Where these files come from, for `watch` and for whoever reads this.\n  source:\n    repoURL: {}\n",
            scalar(url)
        );
    }
    out.push_str("  # Each function is called with the request and gives the answer back: /{namespace}{path}.\n  functions:\n");
    if proposal.functions.is_empty() && proposal.site.is_none() {
        out.push_str(STARTER);
    } else if proposal.functions.is_empty() {
        out.truncate(out.len() - "  functions:\n".len());
        out.push_str("  # functions:\n  #   - {path: /hello, runtime: lua, codeFile: functions/hello.lua}\n");
    }
    for function in &proposal.functions {
        self::function(&mut out, function);
    }
    for (file, why) in &proposal.left_out {
        let _ = writeln!(out, "    # {} was left out: {}", printable(file), printable(why));
    }
    site(&mut out, proposal);
    out
}

fn function(out: &mut String, function: &ProposedFunction) {
    let (path, file) = (scalar(&function.path), scalar(&function.file));
    let _ = match function.runtime {
        Some(runtime) => writeln!(out, "    - path: {path}\n      runtime: {runtime}\n      codeFile: {file}"),
        None => writeln!(
            out,
            "    - path: {path}\n      runtime: docker\n      dockerfile: {file}\n      # What the build may copy; its own directory unless given.\n      \
             # context: .\n      # Where the program listens; the only EXPOSE of the Dockerfile unless given, else 80.\n      # port: 8080"
        ),
    };
}

fn site(out: &mut String, proposal: &Proposal) {
    let Some(site) = &proposal.site else {
        out.push_str("  # Every file of a directory, served below /static/{namespace}/.\n  # static:\n  #   dir: static\n");
        return;
    };
    let _ = writeln!(
        out,
        "  # Every file of a directory, served below /static/{{namespace}}/. What is removed there is removed on the server."
    );
    let _ = writeln!(out, "  static:\n    dir: {}", scalar(&site.dir));
    for other in &proposal.other_sites {
        let _ = writeln!(out, "    # {} could be it, too.", printable(other));
    }
    if site.ignored {
        out.push_str("    # Git ignores this directory; a build writes it.\n    includeIgnored: true\n");
    }
    out.push_str("    # What is left out, as in a .gitignore.\n    # exclude: [\"*.map\"]\n");
}

/// Quoted where YAML would read something else.
fn scalar(text: &str) -> String {
    // A text always serialises, and one without line ends takes one line.
    serde_yaml::to_string(text).unwrap_or_default().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_yaml_would_read_otherwise_are_quoted() {
        for text in ["a: b", "true", "#x", "- a", "1.10", "~", "é ü", "[x]", "'", "x y"] {
            let read: String = serde_yaml::from_str(&scalar(text)).expect("YAML");
            assert_eq!(read, text, "{}", scalar(text));
            assert_eq!(scalar(text).lines().count(), 1, "{text}");
        }
    }
}
