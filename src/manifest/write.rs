//! A manifest as text, for a namespace that was filled by hand.

use serde::Serialize;

use crate::key::AppId;

/// One function of a manifest that is to be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WrittenFunction {
    /// Its path on the server.
    pub path: String,
    /// As it is sent.
    pub runtime: String,
    /// The file with its code, relative to the manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_file: Option<String>,
    /// A container's image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// A container's port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata<'a>,
    spec: Spec<'a>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    name: &'a str,
    namespace: &'a str,
}

#[derive(Serialize)]
struct Spec<'a> {
    functions: &'a [WrittenFunction],
    #[serde(rename = "static", skip_serializing_if = "Option::is_none")]
    site: Option<Site>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Site {
    dir: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    include_ignored: bool,
}

/// The directory of the static files in a source that is written.
pub const WRITTEN_SITE: &str = "static";

/// The text of a manifest; `site` says whether there are static files, and whether ignore files among them must not count.
#[must_use]
pub fn write(app: &AppId, functions: &[WrittenFunction], site: Option<bool>) -> String {
    let manifest = Manifest {
        api_version: "zerverless.io/v1",
        kind: "Application",
        metadata: Metadata { name: app.name.as_str(), namespace: app.namespace.as_str() },
        spec: Spec { functions, site: site.map(|include_ignored| Site { dir: WRITTEN_SITE, include_ignored }) },
    };
    // Texts and lists always serialise.
    serde_yaml::to_string(&manifest).unwrap_or_default()
}
