//! A manifest, written by the tests in their own words.

use std::fmt::Write as _;

/// What a `zerverless.yaml` says.
#[must_use]
#[derive(Clone)]
pub(crate) struct App {
    name: String,
    namespace: String,
    functions: Vec<String>,
    site: Option<String>,
}

impl App {
    /// An application called `app` that declares nothing yet.
    pub(crate) fn of(namespace: &str) -> Self {
        Self { name: "app".to_owned(), namespace: namespace.to_owned(), functions: Vec::new(), site: None }
    }

    pub(crate) fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// A Lua function with its code in the manifest.
    pub(crate) fn lua(self, path: &str, code: &str) -> Self {
        self.function(path, &format!("runtime: lua, code: {}", quoted(code)))
    }

    /// A function with whatever else it says.
    pub(crate) fn function(mut self, path: &str, rest: &str) -> Self {
        self.functions.push(format!("{{path: {}, {rest}}}", quoted(path)));
        self
    }

    /// Static files in `static/`.
    pub(crate) fn site(self) -> Self {
        self.site_from("dir: static")
    }

    /// Static files, with whatever the section says.
    pub(crate) fn site_from(self, section: &str) -> Self {
        Self { site: Some(section.to_owned()), ..self }
    }

    pub(crate) fn yaml(&self) -> String {
        let mut yaml = format!(
            "apiVersion: zerverless.io/v1\nkind: Application\nmetadata: {{name: {}, namespace: {}}}\nspec:\n",
            self.name, self.namespace
        );
        yaml.push_str(if self.functions.is_empty() { "  functions: []\n" } else { "  functions:\n" });
        for function in &self.functions {
            writeln!(yaml, "    - {function}").expect("a string grows");
        }
        if let Some(section) = &self.site {
            writeln!(yaml, "  static: {{{section}}}").expect("a string grows");
        }
        yaml
    }
}

/// A text in YAML's double quotes, which JSON's are too.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string is JSON")
}
