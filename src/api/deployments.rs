//! The listing of functions, read as a stream.
//!
//! `GET /api/deploy` sends every user's functions with all their code. One at a time is held in memory; only those of our namespace stay, and
//! the reply counts only when it is whole: a listing that was cut must never be taken for a short one.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};
use std::rc::Rc;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::wire::Deployment;
use crate::live::{LiveContainer, LiveFunction, LiveFunctions, MAX_KEPT_CODE, function_fingerprint};

/// The whole listing has at most this many bytes.
pub(super) const MAX_LISTING: u64 = 4 << 30;
/// One function has at most this many bytes in it.
const MAX_ONE: u64 = 64 << 20;

/// Reads the whole reply; `canonical` gives a runtime its usual name.
pub(super) fn read(reader: impl Read, namespace: &str, canonical: fn(&str) -> String) -> Result<LiveFunctions, serde_json::Error> {
    let left = Rc::new(Cell::new(MAX_ONE));
    let limited = Limited { inner: reader.take(MAX_LISTING), left: Rc::clone(&left) };
    let mut json = serde_json::Deserializer::from_reader(io::BufReader::with_capacity(64 * 1024, limited));
    let listing = ListingVisitor { namespace, canonical, left };
    let functions = json.deserialize_map(listing)?;
    json.end()?;
    Ok(functions)
}

/// Fails when one function is larger than anything this program should hold.
struct Limited<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let left = self.left.get().checked_sub(count as u64);
        self.left.set(left.ok_or_else(|| io::Error::other("one function has more than 64 MiB"))?);
        Ok(count)
    }
}

struct ListingVisitor<'a> {
    namespace: &'a str,
    canonical: fn(&str) -> String,
    left: Rc<Cell<u64>>,
}

impl<'de> Visitor<'de> for ListingVisitor<'_> {
    type Value = LiveFunctions;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a listing of deployments")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LiveFunctions, A::Error> {
        let (mut listed, mut total) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "deployments" => listed = Some(map.next_value_seed(&self)?),
                "total" => total = Some(map.next_value::<u64>()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let (functions, count) = listed.ok_or_else(|| A::Error::missing_field("deployments"))?;
        let total = total.ok_or_else(|| A::Error::missing_field("total"))?;
        if count != total {
            return Err(A::Error::custom(format!("it lists {count} functions and says there are {total}")));
        }
        Ok(functions)
    }
}

type Listed = (LiveFunctions, u64);

impl<'de> DeserializeSeed<'de> for &ListingVisitor<'_> {
    type Value = Listed;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Listed, D::Error> {
        deserializer.deserialize_option(Elements(self))
    }
}

struct Elements<'a, 'b>(&'a ListingVisitor<'b>);

impl<'de> Visitor<'de> for Elements<'_, '_> {
    type Value = Listed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of deployments or null")
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Listed, E> {
        Ok((LiveFunctions::default(), 0))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Listed, E> {
        Ok((LiveFunctions::default(), 0))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Listed, D::Error> {
        deserializer.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Listed, A::Error> {
        let (mut functions, mut count) = (LiveFunctions::default(), 0);
        while let Some(deployment) = elements.next_element::<Deployment>()? {
            self.0.left.set(MAX_ONE);
            count += 1;
            if deployment.runtime == "docker" {
                let (namespace, path, image) = (deployment.user.clone(), deployment.path.clone(), deployment.code.clone());
                functions.containers.push(LiveContainer { namespace, path, image });
            }
            if deployment.user != self.0.namespace {
                continue;
            }
            let runtime = (self.0.canonical)(&deployment.runtime);
            let function = LiveFunction {
                fingerprint: function_fingerprint(&runtime, deployment.port, &deployment.code),
                runtime,
                size: deployment.code.len() as u64,
                port: deployment.port,
                created_at: deployment.created_at,
                code: (deployment.code.len() <= MAX_KEPT_CODE).then_some(deployment.code),
            };
            if functions.own.insert(deployment.path, function).is_some() {
                return Err(A::Error::custom("it lists one function twice"));
            }
        }
        Ok((functions, count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<LiveFunctions, String> {
        read(json.as_bytes(), "me", str::to_owned).map_err(|error| error.to_string())
    }

    const TWO: &str = r#"{"deployments":[
        {"user":"me","path":"/a","runtime":"lua","code":"x","created_at":"2026-01-01T00:00:00Z"},
        {"user":"other","path":"/a","runtime":"js","code":"\u003cy\u003e","port":80,"created_at":"0001-01-01T00:00:00Z"}],"total":2}"#;

    #[test]
    fn only_our_namespace_is_kept() {
        let functions = parse(TWO).expect("a listing").own;
        assert_eq!(functions.keys().collect::<Vec<_>>(), ["/a"]);
        assert_eq!(functions["/a"].fingerprint, function_fingerprint("lua", None, "x"));
    }

    #[test]
    fn containers_of_every_namespace_are_kept() {
        let one = r#"{"deployments":[{"user":"other","path":"/a","runtime":"docker","code":"i:1","created_at":""}],"total":1}"#;
        let container = LiveContainer { namespace: "other".to_owned(), path: "/a".to_owned(), image: "i:1".to_owned() };
        assert_eq!(parse(one).expect("a listing"), LiveFunctions { containers: vec![container], ..LiveFunctions::default() });
    }

    #[test]
    fn null_is_empty_and_anything_cut_or_contradicting_is_an_error() {
        assert_eq!(parse(r#"{"deployments":null,"total":0}"#), Ok(LiveFunctions::default()));
        for bad in [
            "{}",
            r#"{"deployments":null}"#,
            r#"{"total":0}"#,
            r#"{"deployments":null,"total":1}"#,
            r#"{"deployments":[],"total":0} x"#,
            "<html></html>",
            "[]",
            &TWO[..TWO.len() - 1],
            &TWO[..TWO.len() / 2],
            &TWO.replace("\"total\":2", "\"total\":5"),
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
