//! What an application declares, with the content of every item.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;

use super::image::ImageSource;
use crate::files::TreePath;
use crate::fingerprint::Fingerprint;
use crate::key::{AppId, ItemKey};
use crate::live::function_fingerprint;

/// A function as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredFunction {
    /// As it is sent.
    pub runtime: String,
    /// As it is sent.
    pub code: String,
    /// As it is sent.
    pub port: Option<u64>,
    /// Of all of it: equal to that of the live function exactly when nothing has to be sent.
    pub fingerprint: Fingerprint,
    /// A path of its own that answers once it works.
    pub health: Option<String>,
    /// Where a container's image comes from; its name is the code.
    pub image: Option<ImageSource>,
}

/// A static file as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredFile {
    /// Where its bytes are.
    pub path: TreePath,
    /// How many.
    pub size: u64,
    /// sha256 of them.
    pub fingerprint: Fingerprint,
    /// The bytes themselves, where they are few enough to have been kept from hashing them.
    pub content: Option<Bytes>,
}

/// When a file is put: what a page needs is there before the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServeOrder {
    /// Everything a page may refer to.
    Asset,
    /// `*.html`.
    Page,
    /// `index.html` at the root of the site.
    Index,
}

/// Everything that should be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// Whose it is.
    pub app: AppId,
    /// By key.
    pub functions: BTreeMap<ItemKey, DesiredFunction>,
    /// By key.
    pub files: BTreeMap<ItemKey, DesiredFile>,
    /// The part of the namespace that mirrors `static.dir`: empty for all of it, none without a site.
    pub mirrored: Option<String>,
}

impl Desired {
    /// An application that declares nothing, not even a site that could be mirrored.
    #[must_use]
    pub fn nothing(app: AppId) -> Self {
        Self { app, functions: BTreeMap::new(), files: BTreeMap::new(), mirrored: None }
    }

    /// Fingerprint and size of a declared item.
    #[must_use]
    pub fn content(&self, key: &ItemKey) -> Option<(Fingerprint, u64)> {
        let file = || self.files.get(key).map(|file| (file.fingerprint, file.size));
        self.functions.get(key).map(|function| (function.fingerprint, function.code.len() as u64)).or_else(file)
    }

    /// The generation of a function's image; 0 where nothing is built.
    #[must_use]
    pub fn generation(&self, key: &ItemKey) -> u32 {
        match self.functions.get(key).and_then(|function| function.image.as_ref()) {
            Some(ImageSource::Build(build)) => build.generation,
            Some(ImageSource::Pull) | None => 0,
        }
    }

    /// Whether the image of the function at `path` is built from the source.
    #[must_use]
    pub fn builds_image(&self, path: &str) -> bool {
        let mut at_path = self.functions.iter().filter(|(key, _)| key.name == path);
        at_path.any(|(_, function)| matches!(function.image, Some(ImageSource::Build(_))))
    }

    /// With every image of the generation that `wanted` says, and so under another name where that is not 0.
    #[must_use]
    pub fn at_generations(&self, wanted: impl Fn(&ItemKey) -> u32) -> Cow<'_, Self> {
        let built = self.functions.iter().filter(|(_, function)| matches!(function.image, Some(ImageSource::Build(_))));
        let other: Vec<ItemKey> = built.filter(|(key, _)| wanted(key) != self.generation(key)).map(|(key, _)| key.clone()).collect();
        if other.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut desired = self.clone();
        for key in other {
            if let Some(function) = desired.functions.get_mut(&key)
                && let Some(ImageSource::Build(build)) = &mut function.image
            {
                build.generation = wanted(&key);
                function.code = build.name();
                function.fingerprint = function_fingerprint(&function.runtime, function.port, &function.code);
            }
        }
        Cow::Owned(desired)
    }

    /// All declared items.
    pub fn keys(&self) -> impl Iterator<Item = &ItemKey> {
        self.functions.keys().chain(self.files.keys())
    }

    /// When a file of this name is put.
    #[must_use]
    pub fn serve_order(&self, name: &str) -> ServeOrder {
        let below = name.strip_prefix(self.mirrored.as_deref().unwrap_or_default()).unwrap_or(name);
        if below == "index.html" {
            ServeOrder::Index
        } else if below.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("html")) {
            ServeOrder::Page
        } else {
            ServeOrder::Asset
        }
    }
}
