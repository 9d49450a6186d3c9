//! What stands after the `?` of a target. A word that nobody knows is an error: `?purge=true` must not be taken for a plain deletion.

use std::time::Duration;

use super::failure::Failure;
use crate::key::{Namespace, printable};

/// A client that waits for longer asks again.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// All that can be said there.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    /// Which of several applications of one name.
    pub(super) namespace: Option<Namespace>,
    /// How long to wait for what was asked for.
    pub(super) wait: Option<Duration>,
    /// What was placed goes as well.
    pub(super) prune: bool,
}

impl Query {
    /// Takes what stands in `text`; `known` are the words that mean something here.
    pub(super) fn read(text: Option<&str>, known: &[&str]) -> Result<Self, Failure> {
        let mut query = Self::default();
        for (key, value) in url::form_urlencoded::parse(text.unwrap_or_default().as_bytes()) {
            match key.as_ref() {
                key if !known.contains(&key) => {
                    let known = if known.is_empty() { String::new() } else { format!("; known here: {}", known.join(", ")) };
                    return Err(Failure::bad(format!("the query has no `{}`{known}", printable(key))));
                }
                "namespace" => {
                    let namespace = Namespace::new(&value).map_err(|error| Failure::bad(format!("namespace {error}")))?;
                    query.namespace = Some(namespace);
                }
                "wait" => query.wait = Some(wait(&value)?),
                _ => query.prune = flag(&value)?,
            }
        }
        Ok(query)
    }
}

fn wait(text: &str) -> Result<Duration, Failure> {
    let wrong = || Failure::bad("wait is a time such as 30s, at most 5m");
    let parsed: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
    Duration::try_from(parsed).ok().filter(|wait| *wait <= LONGEST_WAIT).ok_or_else(wrong)
}

fn flag(text: &str) -> Result<bool, Failure> {
    match text {
        "true" | "1" | "" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Failure::bad("prune is true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_nobody_knows_is_an_error() {
        let known = ["namespace", "wait", "prune"];
        let read = |text| Query::read(Some(text), &known);
        let query = read("namespace=me&wait=30s&prune=true").expect("a query");
        assert_eq!(
            (query.namespace.map(|name| name.to_string()), query.wait, query.prune),
            (Some("me".to_owned()), Some(Duration::from_secs(30)), true)
        );
        assert_eq!(Query::read(None, &[]), Ok(Query::default()));
        for bad in ["purge=true", "namespace=..", "wait=soon", "wait=-1s", "wait=10h", "prune=maybe", "namespace="] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
