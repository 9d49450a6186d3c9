//! The image of a Docker function: built from the repository and named by what it is built from, or named in the manifest.

use std::collections::BTreeMap;

use crate::files::{BuildContext, NodeKind};
use crate::fingerprint::Fingerprint;
use crate::key::Namespace;

/// Every image that this program builds is named below this.
pub const IMAGE_PREFIX: &str = "zerverless/";
/// Longer names are cut: Docker takes 255 bytes of a repository's name, and a namespace may have 63.
const LONGEST_SLUG: usize = 150;

/// Where an image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSource {
    /// Built from files of the source.
    Build(Box<ImageBuild>),
    /// Pulled when the engine does not have it, for the platform that the manifest names.
    Pull,
}

/// Everything an image is built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageBuild {
    /// The image's name without a tag.
    pub repository: String,
    /// Of all inputs.
    pub inputs: Fingerprint,
    /// 0, or how often a new image of the same inputs was asked for.
    pub generation: u32,
    /// What is sent.
    pub context: BuildContext,
    /// sha256 of the context's files, in their order; links have none.
    pub hashes: Vec<Option<Fingerprint>>,
    /// The images that the Dockerfile starts from.
    pub bases: Vec<String>,
    /// `build.args`.
    pub args: BTreeMap<String, String>,
    /// `build.target`.
    pub target: Option<String>,
    /// `build.platform`.
    pub platform: Option<String>,
}

impl ImageBuild {
    /// The image's name: equal inputs of one generation give the same on every machine.
    #[must_use]
    pub fn name(&self) -> String {
        let tag = match self.generation {
            0 => self.inputs,
            generation => Fingerprint::of_fields(&[self.inputs.to_string().as_bytes(), &generation.to_be_bytes()]),
        };
        format!("{}:{}", self.repository, tag.short())
    }
}

/// Of everything that decides what an image holds: never of times, owners, order or place.
pub(super) fn inputs(
    context: &BuildContext,
    hashes: &[Option<Fingerprint>],
    args: &BTreeMap<String, String>,
    target: Option<&str>,
    platform: Option<&str>,
) -> Fingerprint {
    let optional = |text: Option<&str>| text.map(|text| format!("={text}")).unwrap_or_default();
    let mut fields: Vec<Vec<u8>> = vec![b"image".to_vec(), context.recipe.text.clone().into_bytes()];
    fields.extend([optional(target).into_bytes(), optional(platform).into_bytes(), args.len().to_string().into_bytes()]);
    fields.extend(args.iter().flat_map(|(key, value)| [key.clone().into_bytes(), value.clone().into_bytes()]));
    for (node, hash) in context.nodes.iter().zip(hashes) {
        let what = match &node.kind {
            NodeKind::File { executable, .. } => {
                let mode = if *executable { "run" } else { "file" };
                format!("{mode} {}", hash.map(|hash| hash.to_string()).unwrap_or_default())
            }
            NodeKind::Link { target } => format!("link {target}"),
        };
        fields.extend([node.name.clone().into_bytes(), what.into_bytes()]);
    }
    Fingerprint::of_fields(&fields.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// The name of a function's images, without a tag. A path that Docker would not take as it is gets a mark of its own, so that no two share one.
pub(super) fn repository(namespace: &Namespace, path: &str) -> String {
    let plain = path.trim_start_matches('/');
    let names: Vec<String> = plain.split('/').map(component).collect();
    let slug = names.join("/");
    if slug == plain && slug.len() <= LONGEST_SLUG {
        return format!("{IMAGE_PREFIX}{namespace}/{slug}");
    }
    let cut = slug[..slug.len().min(LONGEST_SLUG)].trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    let mark = &Fingerprint::of_bytes(path.as_bytes()).to_string()[..8];
    format!("{IMAGE_PREFIX}{namespace}/{cut}-{mark}")
}

/// Lower-case letters and digits, with single `.`, `_` or `-` between them.
fn component(segment: &str) -> String {
    let mut name = String::new();
    for letter in segment.chars().map(|letter| letter.to_ascii_lowercase()) {
        if letter.is_ascii_alphanumeric() {
            name.push(letter);
        } else if name.ends_with(|last: char| last.is_ascii_alphanumeric()) {
            name.push(if matches!(letter, '.' | '_') { letter } else { '-' });
        }
    }
    let name = name.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    if name.is_empty() { "x".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{Node, Recipe, TreePath};

    fn name(path: &str) -> String {
        repository(&Namespace::new("me").expect("a namespace"), path)
    }

    #[test]
    fn a_path_becomes_a_name_that_docker_takes() {
        assert_eq!(name("/web"), "zerverless/me/web");
        assert_eq!(name("/api/v1.2_x-y"), "zerverless/me/api/v1.2_x-y");
        for odd in ["/Web", "/a--b", "/a b", "/é", "/-", "/a_/b", &format!("/{}", "x".repeat(400))] {
            let name = name(odd);
            let (slug, mark) = name.rsplit_once('-').expect("a mark");
            assert!(mark.len() == 8 && name.len() <= 255, "{odd}: {name}");
            let component =
                |text: &str| text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.ends_with(|c: char| c.is_ascii_alphanumeric());
            assert!(slug.split('/').all(component) && slug.is_ascii() && slug.to_lowercase() == slug, "{odd}: {name}");
        }
        assert_ne!(name("/Web"), name("/WEB"));
    }

    fn build(nodes: &[(&str, NodeKind)]) -> Fingerprint {
        let nodes: Vec<Node> = nodes
            .iter()
            .map(|(name, kind)| Node { name: (*name).to_owned(), path: TreePath::root().child(name), kind: kind.clone() })
            .collect();
        let hashes: Vec<_> = nodes.iter().map(|node| Some(Fingerprint::of_bytes(node.name.as_bytes()))).collect();
        let recipe = Recipe { name: "Dockerfile".to_owned(), text: "FROM scratch".to_owned(), beside: true };
        inputs(&BuildContext { nodes, recipe, ignore_file: None }, &hashes, &BTreeMap::new(), None, None)
    }

    #[test]
    fn a_name_a_mode_and_a_kind_decide_on_the_image() {
        let file = |executable| NodeKind::File { size: 1, executable };
        let link = NodeKind::Link { target: "a".to_owned() };
        let all =
            [build(&[("a", file(false))]), build(&[("a", file(true))]), build(&[("b", file(false))]), build(&[("a", link)]), build(&[])];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[at + 1..].contains(one), "{at}");
        }
    }
}
