//! What a signed message says was pushed, in the words of each kind of host. Whatever it holds, the worst that comes of it is nothing.

use axum::http::HeaderMap;
use serde_json::Value;

use super::signature::Provider;
use crate::watch::Push;

/// What a message is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// Branches were pushed.
    Push(Vec<Push>),
    /// Anything else, and what.
    Other(&'static str),
}

/// Reads a message whose signature was checked.
pub(super) fn read(provider: Provider, headers: &HeaderMap, body: &[u8]) -> Result<Message, &'static str> {
    // Deeper than 128 levels is an error, too.
    let message: Value = serde_json::from_slice(body).map_err(|_| "the message is not JSON")?;
    if !message.is_object() {
        return Err("the message is not an object");
    }
    let event = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (is_push, pushes) = match provider {
        Provider::GitHub => (event("x-github-event") == "push", of_github(&message)),
        Provider::Gitea => (event("x-gitea-event") == "push" || event("x-forgejo-event") == "push", of_github(&message)),
        Provider::GitLab => {
            let is_push = event("x-gitlab-event") == "Push Hook" || text(&message, "/object_kind") == Some("push");
            (is_push, of_gitlab(&message))
        }
        Provider::Bitbucket => (matches!(event("x-event-key"), "repo:push" | "repo:refs_changed"), of_bitbucket(&message)),
        Provider::Generic => (true, of_generic(&message)),
    };
    if !is_push {
        return Ok(Message::Other("it is no push"));
    }
    let pushes: Vec<Push> = pushes.into_iter().flatten().filter(|push| !push.urls.is_empty()).collect();
    Ok(if pushes.is_empty() { Message::Other("no branch of a repository was pushed") } else { Message::Push(pushes) })
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

fn texts(value: &Value, pointers: &[&str]) -> Vec<String> {
    pointers.iter().filter_map(|pointer| text(value, pointer)).map(str::to_owned).collect()
}

/// A branch and where it is now; none for tags, and for a branch that was deleted.
fn branch(name: Option<&str>, commit: Option<&str>) -> Option<(String, Option<String>)> {
    let name = name?.strip_prefix("refs/heads/")?;
    let is_gone = commit.is_some_and(|commit| !commit.is_empty() && commit.bytes().all(|digit| digit == b'0'));
    (!is_gone).then(|| (name.to_owned(), commit.map(str::to_owned)))
}

fn of_github(message: &Value) -> Vec<Option<Push>> {
    let urls = texts(message, &["/repository/clone_url", "/repository/ssh_url", "/repository/html_url"]);
    let pushed = branch(text(message, "/ref"), text(message, "/after"));
    let default = text(message, "/repository/default_branch").map(str::to_owned);
    vec![pushed.map(|(branch, commit)| Push { urls, branch, commit, default })]
}

fn of_gitlab(message: &Value) -> Vec<Option<Push>> {
    let urls = texts(message, &["/project/git_http_url", "/project/git_ssh_url", "/project/web_url"]);
    let pushed = branch(text(message, "/ref"), text(message, "/after"));
    let default = text(message, "/project/default_branch").map(str::to_owned);
    vec![pushed.map(|(branch, commit)| Push { urls, branch, commit, default })]
}

/// Cloud (`push.changes`) and Server (`changes`).
fn of_bitbucket(message: &Value) -> Vec<Option<Push>> {
    let mut urls = texts(message, &["/repository/links/html/href"]);
    let clones = message.pointer("/repository/links/clone").and_then(Value::as_array).into_iter().flatten();
    urls.extend(clones.filter_map(|clone| text(clone, "/href")).map(str::to_owned));
    let default = text(message, "/repository/mainbranch/name").map(str::to_owned);
    let push = |branch: &str, commit: Option<&str>| Push {
        urls: urls.clone(),
        branch: branch.to_owned(),
        commit: commit.map(str::to_owned),
        default: default.clone(),
    };
    let changes = |pointer| message.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
    let cloud = changes("/push/changes").map(|change| {
        let is_branch = text(change, "/new/type") == Some("branch");
        text(change, "/new/name").filter(|_| is_branch).map(|name| push(name, text(change, "/new/target/hash")))
    });
    let server = changes("/changes").map(|change| {
        let (name, commit) = branch(text(change, "/ref/id"), text(change, "/toHash"))?;
        Some(push(&name, commit.as_deref()))
    });
    cloud.chain(server).collect()
}

/// `{"repository": URL, "branch": …, "commit": …}`
fn of_generic(message: &Value) -> Vec<Option<Push>> {
    let urls = texts(message, &["/repository"]);
    let (name, commit) = (text(message, "/branch"), text(message, "/commit").map(str::to_owned));
    vec![name.map(|name| Push { urls, branch: name.to_owned(), commit, default: None })]
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};
    use serde_json::json;

    use super::*;

    fn said(provider: Provider, header: (&str, &str), message: &Value) -> Result<Message, &'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(header.0.parse::<HeaderName>().expect("a name"), HeaderValue::from_str(header.1).expect("a value"));
        read(provider, &headers, message.to_string().as_bytes())
    }

    fn push(url: &str, branch: &str, commit: &str, default: Option<&str>) -> Message {
        let (branch, commit, default) = (branch.to_owned(), Some(commit.to_owned()), default.map(str::to_owned));
        Message::Push(vec![Push { urls: vec![url.to_owned()], branch, commit, default }])
    }

    #[test]
    fn a_push_is_understood_in_the_words_of_every_host() {
        let github =
            json!({"ref": "refs/heads/main", "after": "ab12", "repository": {"clone_url": "https://h/a", "default_branch": "main"}});
        assert_eq!(said(Provider::GitHub, ("X-GitHub-Event", "push"), &github), Ok(push("https://h/a", "main", "ab12", Some("main"))));
        assert_eq!(said(Provider::Gitea, ("X-Gitea-Event", "push"), &github), Ok(push("https://h/a", "main", "ab12", Some("main"))));
        let gitlab = json!({"ref": "refs/heads/x/y", "after": "ab12", "project": {"git_http_url": "https://h/a"}});
        assert_eq!(said(Provider::GitLab, ("X-Gitlab-Event", "Push Hook"), &gitlab), Ok(push("https://h/a", "x/y", "ab12", None)));
        let new = json!({"type": "branch", "name": "main", "target": {"hash": "ab12"}});
        let cloud = json!({"push": {"changes": [{"new": new}]}, "repository": {"links": {"html": {"href": "https://h/a"}}}});
        assert_eq!(said(Provider::Bitbucket, ("X-Event-Key", "repo:push"), &cloud), Ok(push("https://h/a", "main", "ab12", None)));
        let change = json!({"ref": {"id": "refs/heads/main"}, "toHash": "ab12"});
        let server = json!({"changes": [change], "repository": {"links": {"clone": [{"href": "https://h/a"}]}}});
        assert_eq!(said(Provider::Bitbucket, ("X-Event-Key", "repo:refs_changed"), &server), Ok(push("https://h/a", "main", "ab12", None)));
        let generic = json!({"repository": "https://h/a", "branch": "main", "commit": "ab12"});
        assert_eq!(said(Provider::Generic, ("X-None", ""), &generic), Ok(push("https://h/a", "main", "ab12", None)));
    }

    #[test]
    fn whatever_else_was_signed_is_ignored() {
        let repository = json!({"clone_url": "https://h/a"});
        for message in [
            json!({}),
            json!({"ref": 1, "repository": repository}),
            json!({"ref": "refs/heads/main", "repository": []}),
            json!({"ref": "refs/heads/main", "repository": {"clone_url": ["https://h/a"]}}),
            json!({"ref": "refs/tags/v1", "after": "ab12", "repository": repository}),
            json!({"ref": "refs/heads/main", "after": "0".repeat(40), "repository": repository}),
            json!({"ref": "main", "after": "ab12", "repository": repository}),
            json!({"commits": null}),
        ] {
            assert!(matches!(said(Provider::GitHub, ("X-GitHub-Event", "push"), &message), Ok(Message::Other(_))), "{message}");
        }
        for event in ["ping", "pull_request", "", "Push"] {
            let good = json!({"ref": "refs/heads/main", "after": "ab12", "repository": repository});
            assert!(matches!(said(Provider::GitHub, ("X-GitHub-Event", event), &good), Ok(Message::Other(_))), "{event}");
        }
        for provider in [Provider::GitLab, Provider::Bitbucket, Provider::Generic] {
            for message in [json!({"push": {"changes": [1, null, {"new": null}]}}), json!({"changes": {}}), json!({"repository": 1})] {
                assert!(matches!(said(provider, ("X-Event-Key", "repo:push"), &message), Ok(Message::Other(_))), "{provider:?} {message}");
            }
        }
        for bytes in [&b""[..], b"[]", b"null", b"{", "[".repeat(10_000).as_bytes(), format!("{{\"a\":{}", "[".repeat(10_000)).as_bytes()] {
            assert!(read(Provider::GitHub, &HeaderMap::new(), bytes).is_err());
        }
    }
}
