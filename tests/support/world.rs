//! What one application declares, and what is live, as two values that can be compared.

use std::collections::BTreeMap;

use super::app::App;
use super::orchestrator::Orchestrator;
use super::sandbox::{Checkout, Sandbox};

/// Functions with their code and static files with their content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct World {
    pub(crate) functions: BTreeMap<String, String>,
    pub(crate) files: BTreeMap<String, String>,
}

impl World {
    /// `/a=1` is a function whose code is the comment `-- 1`, `a.txt=content` a file.
    pub(crate) fn of(items: &[&str]) -> Self {
        let mut world = Self::default();
        for item in items {
            let (name, content) = item.split_once('=').expect("name=content");
            let (place, content) = match name.strip_prefix('/') {
                Some(_) => (&mut world.functions, format!("-- {content}")),
                None => (&mut world.files, content.to_owned()),
            };
            place.insert(name.to_owned(), content);
        }
        world
    }

    fn app(&self, app: App) -> App {
        self.functions.iter().fold(app, |app, (path, code)| app.lua(path, code)).site()
    }

    /// A directory that declares this.
    pub(crate) fn create(&self, app: App) -> Checkout {
        let sandbox = Sandbox::of(&self.app(app)).file("static/.keep", "").create();
        sandbox.remove("static/.keep");
        self.write(&sandbox);
        sandbox
    }

    /// Makes a directory declare this and nothing else.
    pub(crate) fn declare(&self, checkout: &Checkout, app: App) {
        checkout.declare(&self.app(app));
        checkout.remove("static");
        std::fs::create_dir(checkout.path("static")).expect("a directory");
        self.write(checkout);
    }

    fn write(&self, checkout: &Checkout) {
        for (name, content) in &self.files {
            checkout.write(format!("static/{name}"), content);
        }
    }

    /// What is live in `namespace`.
    #[track_caller]
    pub(crate) fn live(server: &Orchestrator, namespace: &str) -> Self {
        let functions = server.functions_of(namespace).into_iter().map(|(path, (_, code))| (path, code)).collect();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the tests write text");
        let files = server.files_of(namespace).into_iter().map(|(name, bytes)| (name, text(bytes))).collect();
        Self { functions, files }
    }

    /// The content of an item.
    pub(crate) fn content(&self, name: &str) -> Option<&String> {
        self.functions.get(name).or_else(|| self.files.get(name))
    }
}
