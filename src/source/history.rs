//! Whether a commit is part of the history of another one, although no history is fetched.
//!
//! A remote is asked the way a fetch begins: this commit is wanted, that one is here, without its parents. A server says `ready` when what is wanted leads
//! to what is here; then it would send the difference, and nobody stays to receive it. Dates that run backwards can make it miss the way.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use git2::{Oid, Repository};
use reqwest::header::{ACCEPT, CONTENT_TYPE};

use super::http::Caller;
use super::location::{RemoteUrl, Scheme};
use super::session::Session;
use super::ssh::Ssh;
use super::{Options, SourceError};

/// Names and acknowledgements of more bytes are none.
const MAX_ANSWER: u64 = 64 << 20;
/// The end of a part.
const FLUSH: &str = "0000";

/// Where the history of a source is.
#[derive(Clone)]
pub(super) enum History {
    /// In a repository of this machine, which may hold a part of it only.
    Here(PathBuf),
    /// On a remote.
    There(Box<(RemoteUrl, Options)>),
}

impl History {
    /// Whether `old` is `tip` or came before it. None: that cannot be told.
    pub(super) fn leads(&self, tip: Oid, old: Oid) -> Result<Option<bool>, SourceError> {
        match self {
            _ if tip == old => Ok(Some(true)),
            Self::Here(git_dir) => Ok(here(git_dir, tip, old).ok().flatten()),
            Self::There(remote) => {
                let (url, options) = &**remote;
                let session = Arc::new(options.session(url));
                let question = [
                    line(&format!("want {tip} multi_ack_detailed")),
                    line(&format!("shallow {old}")),
                    FLUSH.to_owned(),
                    line(&format!("have {old}")),
                    FLUSH.to_owned(),
                ];
                ask(&session, &question.concat()).map(|answer| judge(&answer))
            }
        }
    }
}

fn here(git_dir: &PathBuf, tip: Oid, old: Oid) -> Result<Option<bool>, git2::Error> {
    let repository = Repository::open(git_dir)?;
    repository.find_commit(old)?;
    let leads = repository.graph_descendant_of(tip, old)?;
    Ok(if !leads && repository.is_shallow() { None } else { Some(leads) })
}

/// A line of the protocol: its length, then the text.
fn line(text: &str) -> String {
    format!("{:04x}{text}\n", text.len() + 5)
}

fn ask(session: &Arc<Session>, question: &str) -> Result<Vec<u8>, SourceError> {
    let mut answer = Vec::new();
    if session.url.scheme == Scheme::Ssh {
        let mut conversation = Ssh::new(Arc::clone(session)).upload_pack()?;
        // libgit2 plays no part here, so what a stream says of an error is kept by the session alone.
        let why = |error: std::io::Error| session.explain(&git2::Error::from_str(&error.to_string()));
        until(&mut conversation, FLUSH.as_bytes()).map_err(why)?;
        conversation.write_all(question.as_bytes()).map_err(why)?;
        return until(&mut conversation, b"0008NAK\n").map_err(why);
    }
    let caller = Caller::new(session)?;
    let post = caller.client.post(caller.url(&format!("{}/git-upload-pack", session.url.path))?);
    let post = post.header(CONTENT_TYPE, "application/x-git-upload-pack-request").header(ACCEPT, "application/x-git-upload-pack-result");
    let response = caller.send(&post.body(question.to_owned()))?;
    response.take(MAX_ANSWER).read_to_end(&mut answer).map_err(|error| caller.cut(error))?;
    Ok(answer)
}

/// Reads lines of the protocol to the one that is `last`, or to the end.
fn until(from: &mut impl Read, last: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut read = Vec::new();
    while read.len() < usize::try_from(MAX_ANSWER).unwrap_or(usize::MAX) {
        let start = read.len();
        if from.by_ref().take(4).read_to_end(&mut read)? < 4 {
            break;
        }
        let length = std::str::from_utf8(&read[start..]).ok().and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default();
        from.by_ref().take(length.saturating_sub(4)).read_to_end(&mut read)?;
        if &read[start..] == last {
            break;
        }
    }
    Ok(read)
}

/// What the server knows: that the one leads to the other, that it does not, or that it does not even have it. None: it said something else.
fn judge(answer: &[u8]) -> Option<bool> {
    let answer = String::from_utf8_lossy(answer);
    // Each begins with its length.
    let said: Vec<&str> = answer.lines().filter_map(|line| line.get(4..)).collect();
    let acknowledged = |line: &&str, what: &str| line.starts_with("ACK ") && line.ends_with(what);
    if said.iter().any(|line| acknowledged(line, " ready")) {
        return Some(true);
    }
    let nothing_else = said.iter().all(|line| *line == "NAK" || acknowledged(line, " common"));
    (nothing_else && said.contains(&"NAK")).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_acknowledges_tells_whether_one_commit_leads_to_another() {
        let id = "1".repeat(40);
        let [common, ready] = ["common", "ready"].map(|what| line(&format!("ACK {id} {what}")));
        assert_eq!(judge(format!("{common}{ready}0008NAK\n").as_bytes()), Some(true));
        assert_eq!(judge(format!("{common}0008NAK\n").as_bytes()), Some(false), "it is there, somewhere else");
        assert_eq!(judge(b"0008NAK\n"), Some(false), "it is not even there");
        for other in ["", "0031ERR upload-pack: not our ref 1111111111111111\n", "<html>\n"] {
            assert_eq!(judge(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn lines_are_read_to_the_last_one_and_no_further() {
        let text = format!("{}{FLUSH}rest", line("HEAD"));
        let mut from = text.as_bytes();
        assert_eq!(until(&mut from, FLUSH.as_bytes()).ok(), Some(format!("{}{FLUSH}", line("HEAD")).into_bytes()));
        assert_eq!(from, b"rest");
    }
}
