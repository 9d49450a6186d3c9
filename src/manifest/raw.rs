//! A mirror of the file: what serde_yaml reads, before anything is judged.
//!
//! Single values are kept as the text that was written (`namespace: 1.10` is `1.10`); only where the kind matters, as for a port, it is kept too.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Manifest {
    pub(super) api_version: String,
    pub(super) kind: String,
    pub(super) metadata: Metadata,
    pub(super) spec: Spec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) namespace: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Spec {
    pub(super) source: Option<Source>,
    pub(super) functions: Vec<Function>,
    #[serde(rename = "static")]
    pub(super) site: Option<Static>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Source {
    #[serde(rename = "repoURL")]
    pub(super) repo_url: Option<String>,
    pub(super) branch: Option<String>,
    pub(super) subdir: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Function {
    pub(super) path: String,
    pub(super) runtime: String,
    pub(super) code: Option<String>,
    pub(super) code_file: Option<String>,
    pub(super) dockerfile: Option<String>,
    pub(super) context: Option<String>,
    pub(super) image: Option<String>,
    pub(super) port: Option<Literal>,
    pub(super) build: Option<Build>,
    pub(super) health: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Build {
    pub(super) args: BTreeMap<String, String>,
    pub(super) target: Option<String>,
    pub(super) platform: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Static {
    pub(super) dir: String,
    pub(super) prefix: Option<String>,
    pub(super) exclude: Vec<String>,
    pub(super) include_ignored: Option<Literal>,
}

/// A value whose kind matters. What is neither number nor flag is not kept: it may be a secret in the wrong place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Literal {
    Number(i128),
    Flag(bool),
    Other,
}

impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LiteralVisitor)
    }
}

struct LiteralVisitor;

impl Visitor<'_> for LiteralVisitor {
    type Value = Literal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a single value")
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Literal, E> {
        Ok(Literal::Flag(flag))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Literal, E> {
        Ok(Literal::Number(number.into()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Literal, E> {
        Ok(Literal::Number(number.into()))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Literal, E> {
        Ok(Literal::Other)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Literal, E> {
        Ok(Literal::Other)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Literal, E> {
        Ok(Literal::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_values_keep_the_text_they_were_written_as() {
        for literal in ["no", "1.10", "123", "true", "1e3", "0x10"] {
            let metadata: Metadata = serde_yaml::from_str(&format!("namespace: {literal}")).expect("YAML");
            assert_eq!(metadata.namespace, literal);
        }
    }

    #[test]
    fn a_port_is_a_number_in_any_base_that_yaml_knows() {
        let read = |text: &str| serde_yaml::from_str::<Literal>(text).expect("YAML");
        assert_eq!((read("80"), read("0x50"), read("0o120")), (Literal::Number(80), Literal::Number(80), Literal::Number(80)));
        for other in ["\"80\"", "8_080", "22:22", "ghp_x", "8.5"] {
            assert_eq!(read(other), Literal::Other, "{other}");
        }
    }
}
