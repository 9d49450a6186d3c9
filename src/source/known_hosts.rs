//! Which key a host must have: the files that OpenSSH keeps, in the form that sshd(8) describes.
//!
//! Names with wildcards and negations, hashed names, ports and `@revoked` are understood; lines of certificate authorities are not used.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// The port that is not named in the files.
const SSH: u16 = 22;

/// All lines of all files.
#[derive(Debug, Default)]
pub(super) struct KnownHosts {
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    /// The file and the number of the line, for people.
    at: String,
    revoked: bool,
    hosts: Hosts,
    /// `ssh-ed25519` and the like.
    kind: String,
    key: Vec<u8>,
}

#[derive(Debug)]
enum Hosts {
    Patterns(Vec<String>),
    Hashed { salt: Vec<u8>, hash: Vec<u8> },
}

/// What the files say of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is the key of the host.
    Trusted,
    /// No key of the host is known.
    Unknown,
    /// The host has another key, by this line.
    Changed(String),
    /// The key is not to be used any more, by this line.
    Revoked(String),
}

impl KnownHosts {
    /// Adds the lines of a file that is called `name`. Lines that cannot be read are passed over, as OpenSSH does.
    pub(super) fn add(&mut self, name: &str, text: &str) {
        let lines = text.lines().enumerate();
        self.lines.extend(lines.filter_map(|(number, line)| Line::parse(line, format!("{name}:{}", number + 1))));
    }

    /// The kinds of keys that are known for a host, so that it shows one of these.
    pub(super) fn kinds(&self, host: &str, port: u16) -> Vec<&str> {
        let of =
            |name: &str| self.lines.iter().filter(|line| !line.revoked && line.hosts.hold(name)).map(|line| line.kind.as_str()).collect();
        let kinds: Vec<&str> = of(&name(host, port));
        if kinds.is_empty() { of(&name(host, SSH)) } else { kinds }
    }

    /// What is known of `key` for a host.
    pub(super) fn judge(&self, host: &str, port: u16, key: &[u8]) -> Verdict {
        let exact = self.judge_name(&name(host, port), key);
        // A key that is known for the host without its port is good for the port as well.
        if exact == Verdict::Unknown && port != SSH && self.judge_name(&name(host, SSH), key) == Verdict::Trusted {
            return Verdict::Trusted;
        }
        exact
    }

    fn judge_name(&self, name: &str, key: &[u8]) -> Verdict {
        let ours = || self.lines.iter().filter(|line| line.hosts.hold(name));
        if let Some(line) = ours().find(|line| line.revoked && line.key == key) {
            return Verdict::Revoked(line.at.clone());
        }
        if ours().any(|line| !line.revoked && line.key == key) {
            return Verdict::Trusted;
        }
        ours().find(|line| !line.revoked).map_or(Verdict::Unknown, |line| Verdict::Changed(line.at.clone()))
    }
}

/// The host as the files name it.
pub(super) fn name(host: &str, port: u16) -> String {
    let host = host.to_ascii_lowercase();
    if port == SSH { host } else { format!("[{host}]:{port}") }
}

impl Line {
    fn parse(line: &str, at: String) -> Option<Self> {
        let mut words = line.split_ascii_whitespace();
        let first = words.next().filter(|word| !word.starts_with('#'))?;
        let (revoked, hosts) = match first {
            "@revoked" => (true, words.next()?),
            marker if marker.starts_with('@') => return None,
            hosts => (false, hosts),
        };
        let (kind, key) = (words.next()?.to_owned(), STANDARD.decode(words.next()?).ok()?);
        let hosts = match hosts.strip_prefix("|1|") {
            Some(hashed) => {
                let (salt, hash) = hashed.split_once('|')?;
                Hosts::Hashed { salt: STANDARD.decode(salt).ok()?, hash: STANDARD.decode(hash).ok()? }
            }
            None => Hosts::Patterns(hosts.split(',').map(str::to_ascii_lowercase).collect()),
        };
        Some(Self { at, revoked, hosts, kind, key })
    }
}

impl Hosts {
    fn hold(&self, name: &str) -> bool {
        match self {
            Self::Hashed { salt, hash } => {
                let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(salt) else { return false };
                mac.update(name.as_bytes());
                mac.verify_slice(hash).is_ok()
            }
            Self::Patterns(patterns) => {
                let not = |pattern: &String| pattern.strip_prefix('!').is_some_and(|pattern| matches(pattern.as_bytes(), name.as_bytes()));
                !patterns.iter().any(not) && patterns.iter().any(|pattern| matches(pattern.as_bytes(), name.as_bytes()))
            }
        }
    }
}

/// `*` is any text and `?` any character.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=name.len()).any(|taken| matches(rest, &name[taken..])),
        (Some((b'?', rest)), Some((_, name))) => matches(rest, name),
        (Some((letter, rest)), Some((other, name))) => letter == other && matches(rest, name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB";
    const TWO: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAC";

    fn known(text: &str) -> KnownHosts {
        let mut known = KnownHosts::default();
        known.add("known_hosts", text);
        known
    }

    fn key(text: &str) -> Vec<u8> {
        STANDARD.decode(text).expect("base64")
    }

    #[test]
    fn a_key_is_trusted_unknown_changed_or_revoked() {
        let known = known(&format!(
            "# mine\n\nh.example,10.0.0.1 ssh-ed25519 {ONE} comment\n[p.example]:2222 ssh-ed25519 {ONE}\n*.w.example,!bad.w.example ssh-ed25519 {ONE}\n\
             @cert-authority * ssh-ed25519 {TWO}\n@revoked * ssh-ed25519 {TWO}\nbroken line\n"
        ));
        let judge = |host: &str, port, text: &str| known.judge(host, port, &key(text));
        assert_eq!(judge("h.example", 22, ONE), Verdict::Trusted);
        assert_eq!(judge("H.Example", 22, ONE), Verdict::Trusted);
        assert_eq!(judge("10.0.0.1", 22, ONE), Verdict::Trusted);
        assert_eq!(judge("h.example", 2222, ONE), Verdict::Trusted, "known without its port");
        assert_eq!(judge("p.example", 2222, ONE), Verdict::Trusted);
        assert_eq!(judge("p.example", 22, ONE), Verdict::Unknown, "known for another port only");
        assert_eq!(judge("a.w.example", 22, ONE), Verdict::Trusted);
        assert_eq!(judge("bad.w.example", 22, ONE), Verdict::Unknown);
        assert_eq!(judge("other.example", 22, ONE), Verdict::Unknown);
        assert_eq!(judge("h.example", 22, TWO), Verdict::Revoked("known_hosts:7".to_owned()));
        let three = ONE.replace("AAAB", "AAAD");
        assert_eq!(judge("h.example", 22, &three), Verdict::Changed("known_hosts:3".to_owned()));
        assert_eq!(known.kinds("h.example", 22), ["ssh-ed25519"]);
        assert_eq!(known.kinds("h.example", 2222), ["ssh-ed25519"]);
    }

    #[test]
    fn hashed_names_are_found() {
        // `ssh-keygen -H` of `[127.0.0.1]:2222`.
        let salt = "AAECAwQFBgcICQoLDA0ODxAREhM=";
        let mut mac = Hmac::<Sha1>::new_from_slice(&STANDARD.decode(salt).expect("base64")).expect("a key");
        mac.update(b"[127.0.0.1]:2222");
        let hash = STANDARD.encode(mac.finalize().into_bytes());
        let known = known(&format!("|1|{salt}|{hash} ssh-ed25519 {ONE}\n"));
        assert_eq!(known.judge("127.0.0.1", 2222, &key(ONE)), Verdict::Trusted);
        assert_eq!(known.judge("127.0.0.1", 22, &key(ONE)), Verdict::Unknown);
        assert_eq!(known.judge("127.0.0.1", 2222, &key(TWO)), Verdict::Changed("known_hosts:1".to_owned()));
    }
}
