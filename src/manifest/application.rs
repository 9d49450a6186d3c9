//! What a valid manifest says.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::finding::{Finding, SourceText};
use super::node::Node;
use super::rule::Rule;
use crate::files::{Excludes, TreePath};
use crate::key::{AppId, ItemKey};

/// A manifest without mistakes of its own; whether the files it names are there is judged with the tree.
#[derive(Debug)]
pub struct Application {
    /// Namespace and name as the manifest has them.
    pub id: AppId,
    /// `spec.source`.
    pub source: Option<DeclaredSource>,
    /// In the order of the file; no path stands twice.
    pub functions: Vec<Function>,
    /// `spec.static`.
    pub site: Option<Static>,
    /// To point at parts of the manifest later.
    pub(super) text: SourceText,
    pub(super) root: Arc<Node>,
}

impl Application {
    /// A finding about the part of the manifest at `place`.
    #[must_use]
    pub fn finding(&self, rule: Rule, place: &Place, message: impl Into<String>) -> Finding {
        Finding::at(rule, &self.text, self.span(place), message)
    }

    /// A finding about bytes of a value that stands in the manifest as a text of its own, such as `code`.
    #[must_use]
    pub fn finding_inside(&self, rule: Rule, place: &Place, part: &Range<usize>, message: impl Into<String>) -> Finding {
        Finding::at(rule, &self.text, self.inside(place, part), message)
    }

    /// Where bytes of such a value stand in the manifest; the whole value where that cannot be told.
    #[must_use]
    pub fn inside(&self, place: &Place, part: &Range<usize>) -> Range<usize> {
        let inside = self.root.at(&place.0).and_then(|node| node.inside(part, &self.text.text));
        inside.unwrap_or_else(|| self.span(place))
    }

    /// Where the manifest lies.
    #[must_use]
    pub fn path(&self) -> &TreePath {
        &self.text.path
    }

    /// Whether the manifest itself has something at `place`, and not only a default for it.
    #[must_use]
    pub fn declares(&self, place: &Place) -> bool {
        self.root.at(&place.0).is_some()
    }

    /// The files that functions take their code from.
    pub fn code_files(&self) -> impl Iterator<Item = &TreePath> {
        self.functions.iter().filter_map(|function| match &function.content {
            Content::Code(_, CodeSource::File(path)) => Some(path),
            Content::Code(_, CodeSource::Inline(_)) | Content::Docker(_) => None,
        })
    }

    /// The contexts and Dockerfiles that images are built from.
    pub fn build_paths(&self) -> impl Iterator<Item = &TreePath> {
        let builds = self.functions.iter().filter_map(|function| match &function.content {
            Content::Docker(image) => image.build.as_ref(),
            Content::Code(..) => None,
        });
        builds.flat_map(|build| [&build.context, &build.dockerfile])
    }

    fn span(&self, place: &Place) -> Range<usize> {
        self.root.locate(&place.0, &self.text.text)
    }
}

/// Where something stands in the manifest: `spec.functions.0.codeFile`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(String);

impl Place {
    /// A dotted path of keys and list positions.
    pub fn new(path: impl Into<String>) -> Self {
        Self(path.into())
    }

    /// The dotted path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part `key` of this.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        Self(format!("{}.{key}", self.0))
    }
}

/// Where the manifest says its files come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredSource {
    /// `repoURL` as written.
    pub repo_url: Option<String>,
    /// The branch.
    pub branch: Option<String>,
    /// The directory of the manifest in the repository.
    pub subdir: Option<String>,
}

/// One declared function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its path on the server.
    pub key: ItemKey,
    /// What runs there.
    pub content: Content,
    /// `health`: a path below its own that answers once it works.
    pub health: Option<String>,
    /// Where it stands in the manifest.
    pub place: Place,
}

/// What a function consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Code that the orchestrator keeps and a worker runs.
    Code(Runtime, CodeSource),
    /// A container.
    Docker(Image),
}

/// A runtime for code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runtime {
    /// Lua 5.1.
    Lua,
    /// JavaScript; `js` in a manifest and on a server is the same.
    JavaScript,
    /// Python 3; `py` is the same.
    Python,
    /// Stored by this server and never run.
    Wasm,
}

impl Runtime {
    /// Reads a runtime for code as a manifest or a server names it, aliases included.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "lua" => Some(Self::Lua),
            "javascript" | "js" => Some(Self::JavaScript),
            "python" | "py" => Some(Self::Python),
            "wasm" => Some(Self::Wasm),
            _ => None,
        }
    }

    /// The usual form of a runtime's name: what a server stored as `js` is what is sent as `javascript`.
    #[must_use]
    pub fn canonical(name: &str) -> String {
        Self::parse(name).map_or_else(|| name.to_owned(), |runtime| runtime.as_str().to_owned())
    }

    /// As it is sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lua => "lua",
            Self::JavaScript => "javascript",
            Self::Python => "python",
            Self::Wasm => "wasm",
        }
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where code comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeSource {
    /// `code`.
    Inline(String),
    /// `codeFile`.
    File(TreePath),
}

/// A container's image and how it is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Built from the repository; none when `reference` names an image.
    pub build: Option<Build>,
    /// `image`.
    pub reference: Option<String>,
    /// `port`; 1 to 65535.
    pub port: Option<u16>,
}

/// How an image is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// The Dockerfile in the tree.
    pub dockerfile: TreePath,
    /// The context in the tree.
    pub context: TreePath,
    /// `build.args`.
    pub args: BTreeMap<String, String>,
    /// `build.target`.
    pub target: Option<String>,
    /// `build.platform`.
    pub platform: Option<String>,
}

/// The static files of an application.
#[derive(Debug, Clone)]
pub struct Static {
    /// The directory in the tree.
    pub dir: TreePath,
    /// Below which name they lie on the server; empty or ending in `/`.
    pub prefix: String,
    /// What is left out.
    pub exclude: Excludes,
    /// Take what Git ignores.
    pub include_ignored: bool,
}
