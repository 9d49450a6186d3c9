//! Which commit of a repository: by branch, by tag, by id, or the one its HEAD names.
//!
//! `--branch B` is always the branch. `--revision R` is, the first that applies: a full id of a commit, a full name (`refs/…`, `HEAD`), a tag, a branch, an
//! abbreviated id. Tags come before branches as in `git rev-parse`; where a branch and a tag share a name, `--branch` or `refs/heads/…` is the branch.

use std::collections::BTreeMap;

use git2::{Oid, Reference};

use super::SourceError;
use crate::key::printable;

/// An abbreviated id has at least so many digits.
const SHORTEST: usize = 4;
const FULL: usize = 40;

/// What was asked for; nothing is the HEAD of the repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Wanted {
    /// The HEAD of the repository.
    #[default]
    Default,
    /// `--branch`.
    Branch(String),
    /// `--revision`, or a commit that is known.
    Revision(String),
}

/// The names of a repository and what they point at.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The name HEAD stands for; none when it names a commit itself.
    pub(super) head: Option<String>,
    /// Full names, `HEAD` included, and their objects.
    pub(super) objects: BTreeMap<String, Oid>,
    /// The commits of annotated tags.
    pub(super) peeled: BTreeMap<String, Oid>,
}

/// One commit, as far as the names alone tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A name and the object it points at, which may be an annotated tag.
    Named {
        name: String,
        object: Oid,
        /// The commit.
        commit: Oid,
        /// The branch, when the name is one.
        branch: Option<String>,
    },
    /// A full id.
    Commit(Oid),
    /// The first digits of an id.
    Abbreviated(String),
}

impl Wanted {
    /// The full id, when that is what was asked for: what it names never changes.
    pub(super) fn full_id(&self) -> Option<Oid> {
        match self {
            Self::Revision(text) if text.len() == FULL => Oid::from_str(text).ok().filter(|_| is_hex(text)),
            _ => None,
        }
    }

    /// Finds it among `names`. `place` is the repository, for messages.
    pub(super) fn resolve(&self, names: &Names, place: &str) -> Result<Target, SourceError> {
        if let Some(id) = self.full_id() {
            return Ok(Target::Commit(id));
        }
        if names.objects.is_empty() {
            return Err(SourceError::EmptyRepository { place: place.to_owned() });
        }
        let found = match self {
            Self::Default => return names.default_target(place),
            Self::Branch(branch) => names.named(&format!("refs/heads/{branch}")),
            Self::Revision(text) if text == "HEAD" => return names.default_target(place),
            Self::Revision(text) if text.starts_with("refs/") => names.named(text),
            Self::Revision(text) => {
                let found = ["refs/tags/", "refs/heads/"].iter().find_map(|prefix| names.named(&format!("{prefix}{text}")));
                let short = || (text.len() >= SHORTEST && text.len() < FULL && is_hex(text)).then(|| Target::Abbreviated(text.clone()));
                found.or_else(short)
            }
        };
        found.ok_or_else(|| self.missing(names, place))
    }

    fn missing(&self, names: &Names, place: &str) -> SourceError {
        let (noun, text) = match self {
            Self::Branch(text) => ("branch", text.as_str()),
            Self::Revision(text) => ("branch, tag or commit", text.as_str()),
            Self::Default => ("default branch", ""),
        };
        let tags = !matches!(self, Self::Branch(_));
        let short =
            |name: &String| Some(name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/tags/").filter(|_| tags))?.to_owned());
        let known: Vec<String> = names.objects.keys().filter_map(short).collect();
        let near = known.iter().map(|name| (strsim::jaro_winkler(name, text), name)).max_by(|a, b| a.0.total_cmp(&b.0));
        let near = near.filter(|(likeness, _)| *likeness > 0.8).map(|(_, name)| name.clone());
        let expressions = text.contains(['~', '^', ':', ' ', '@']) || !Reference::is_valid_name(&format!("refs/heads/{text}"));
        let help = match near {
            _ if !tags && names.objects.contains_key(&format!("refs/tags/{text}")) => {
                "there is a tag of that name: take it with --revision".to_owned()
            }
            _ if expressions => "give a branch, a tag, a full name such as refs/heads/main, or the id of a commit".to_owned(),
            Some(near) => format!("did you mean `{}`?", printable(&near)),
            None if known.is_empty() => "the repository has no branches".to_owned(),
            None => format!("it has {}", some_of(&known)),
        };
        SourceError::NoRevision { place: place.to_owned(), what: format!("{noun} `{}`", printable(text)), help }
    }
}

fn some_of(names: &[String]) -> String {
    let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
    names.iter().take(5).map(|name| printable(name)).collect::<Vec<_>>().join(", ") + &more
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Names {
    /// What branches and tags point at: together they lead to the whole history.
    pub(super) fn of_history(&self) -> impl Iterator<Item = Oid> {
        self.objects.iter().filter(|(name, _)| name.starts_with("refs/heads/") || name.starts_with("refs/tags/")).map(|(_, object)| *object)
    }

    fn named(&self, name: &str) -> Option<Target> {
        let object = *self.objects.get(name)?;
        let branch = name.strip_prefix("refs/heads/").map(str::to_owned);
        let commit = self.peeled.get(name).copied().unwrap_or(object);
        Some(Target::Named { name: name.to_owned(), object, commit, branch })
    }

    fn default_target(&self, place: &str) -> Result<Target, SourceError> {
        if let Some(target) = self.head.as_ref().and_then(|name| self.named(name)) {
            return Ok(target);
        }
        if let (None, Some(object)) = (&self.head, self.objects.get("HEAD")) {
            return Ok(Target::Named { name: "HEAD".to_owned(), object: *object, commit: *object, branch: None });
        }
        let branches: Vec<String> = self.objects.keys().filter_map(|name| name.strip_prefix("refs/heads/")).map(str::to_owned).collect();
        let help = format!("name one with --branch: it has {}", some_of(&branches));
        Err(SourceError::NoRevision { place: place.to_owned(), what: "default branch: its HEAD leads nowhere".to_owned(), help })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: char) -> Oid {
        Oid::from_str(&digit.to_string().repeat(FULL)).expect("an id")
    }

    fn names() -> Names {
        let objects = [
            ("HEAD", 'a'),
            ("refs/heads/main", 'a'),
            ("refs/heads/both", 'b'),
            ("refs/tags/both", 'c'),
            ("refs/tags/annotated", 'd'),
            ("refs/heads/abcd", 'f'),
            ("refs/pull/7/head", '7'),
        ];
        Names {
            head: Some("refs/heads/main".to_owned()),
            objects: objects.into_iter().map(|(name, digit)| (name.to_owned(), id(digit))).collect(),
            peeled: BTreeMap::from([("refs/tags/annotated".to_owned(), id('e'))]),
        }
    }

    fn object(wanted: &Wanted) -> Result<(Oid, Option<String>), String> {
        match wanted.resolve(&names(), "here") {
            Ok(Target::Named { commit, branch, .. }) => Ok((commit, branch)),
            Ok(Target::Commit(id)) => Ok((id, None)),
            Ok(Target::Abbreviated(text)) => Err(text),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn a_tag_comes_before_a_branch_and_full_names_decide() {
        let revision = |text: &str| object(&Wanted::Revision(text.to_owned()));
        let branch = |text: &str| object(&Wanted::Branch(text.to_owned()));
        assert_eq!(object(&Wanted::Default), Ok((id('a'), Some("main".to_owned()))));
        assert_eq!(revision("HEAD"), object(&Wanted::Default));
        assert_eq!(revision("both"), Ok((id('c'), None)));
        assert_eq!(branch("both"), Ok((id('b'), Some("both".to_owned()))));
        assert_eq!(revision("refs/heads/both"), branch("both"));
        assert_eq!(revision("annotated"), Ok((id('e'), None)));
        assert_eq!(revision("refs/pull/7/head"), Ok((id('7'), None)));
        assert_eq!(revision("abcd"), branch("abcd"), "a branch called like an id");
        assert_eq!(revision("abce"), Err("abce".to_owned()), "an abbreviated id");
        assert_eq!(revision(&"9".repeat(40)), Ok((id('9'), None)));
        for missing in ["man", "-x", "a~1", "abc", ""] {
            assert!(revision(missing).is_err_and(|error| error.contains("has no")), "{missing}");
        }
        assert!(branch("annotated").is_err());
    }

    #[test]
    fn what_is_missing_is_said_with_what_is_there() {
        let help = |wanted: &Wanted, names: &Names| match wanted.resolve(names, "here") {
            Err(SourceError::NoRevision { help, .. }) => help,
            other => panic!("{other:?}"),
        };
        assert_eq!(help(&Wanted::Branch("mian".to_owned()), &names()), "did you mean `main`?");
        let gone = Names { head: Some("refs/heads/gone".to_owned()), ..names() };
        assert!(help(&Wanted::Default, &gone).contains("--branch"));
        assert!(matches!(Wanted::Default.resolve(&Names::default(), "here"), Err(SourceError::EmptyRepository { .. })));
    }
}
