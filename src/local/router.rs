//! Which handler a path belongs to, decided as the real server's router decides it. A route that lacks the method asked for gives way to `/{user}/*`,
//! which takes every method, except inside the mounted parts (`/api/db/…`, `/api/storage/…`, `/static/…`, `/api/gitops/applications`): those answer 405.
//! A parameter matches an empty segment when something follows it, and none at the end of a path.

use super::page::Page;

/// A call, its names still as they were sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route<'a> {
    /// What this server has and the real one lacks: the page for people.
    Page(Page),
    Info,
    Health,
    Stats,
    ListFunctions,
    Deploy(Function<'a>),
    Undeploy(Function<'a>),
    Invoke(Function<'a>),
    /// A call below `/api/db/{namespace}`.
    Pairs(&'a [u8], Pairs<'a>),
    /// A call below `/api/storage/{namespace}`.
    Files(&'a [u8], Files<'a>),
    ListApplications,
    RegisterApplication,
    GetApplication,
    SyncApplication,
    DeleteApplication,
    /// The parts of the real server that need workers.
    NotOffered,
    NotAllowed(&'static [&'static str]),
    NotFound,
}

/// A function's name: `path` is what follows `/{user}/`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function<'a> {
    pub(super) user: &'a [u8],
    path: &'a [u8],
}

/// Calls on key-value pairs.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pairs<'a> {
    List,
    Get(&'a [u8]),
    Put(&'a [u8]),
    Delete(&'a [u8]),
}

/// Calls on static files; a path may be empty.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Files<'a> {
    List,
    Get(&'a [u8]),
    /// As visitors of the site get it.
    Visit(&'a [u8]),
    Put(&'a [u8]),
    Delete(&'a [u8]),
}

/// The methods that the router knows; any other is 405 everywhere.
const METHODS: [&str; 9] = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];

impl Function<'_> {
    /// The path as it is stored: one leading slash cut, one put in front.
    pub(super) fn stored_path(&self) -> Vec<u8> {
        [b"/", self.path.strip_prefix(b"/").unwrap_or(self.path)].concat()
    }
}

/// Finds the route of a request.
pub(super) fn route<'a>(method: &str, path: &'a [u8]) -> Route<'a> {
    if !METHODS.contains(&method) {
        return Route::NotAllowed(&[]);
    }
    for (fixed, found) in [(&b"/info"[..], Route::Info), (b"/health", Route::Health), (b"/stats", Route::Stats)] {
        if path == fixed {
            return if method == "GET" { found } else { Route::NotAllowed(&["GET"]) };
        }
    }
    if let Some(page) = Page::at(path).filter(|_| method == "GET") {
        return Route::Page(page);
    }
    api(method, path).unwrap_or_else(|| invoke(path))
}

/// The routes that come before `/{user}/*`, or `None` when that one has its turn.
fn api<'a>(method: &str, path: &'a [u8]) -> Option<Route<'a>> {
    if let Some(rest) = path.strip_prefix(b"/api/deploy") {
        return match (method, rest) {
            ("GET", b"") => Some(Route::ListFunctions),
            ("POST", _) => below(rest).map(Route::Deploy),
            ("DELETE", _) => below(rest).map(Route::Undeploy),
            _ => None,
        };
    }
    if let Some((namespace, rest)) = path.strip_prefix(b"/api/db").and_then(mounted) {
        return Some(pairs(method, namespace, rest));
    }
    if let Some((namespace, rest)) = path.strip_prefix(b"/api/storage").and_then(mounted) {
        return Some(files(method, namespace, rest));
    }
    if let Some((namespace, rest)) = path.strip_prefix(b"/static").and_then(mounted) {
        let file = rest.strip_prefix(b"/").unwrap_or(rest);
        return Some(if method == "GET" { Route::Files(namespace, Files::Visit(file)) } else { Route::NotAllowed(&["GET"]) });
    }
    if let Some(rest) = path.strip_prefix(b"/api/gitops/applications").filter(|rest| matches!(rest.first(), None | Some(b'/'))) {
        return Some(applications(method, rest.strip_prefix(b"/").unwrap_or(rest)));
    }
    if path.starts_with(b"/volunteer/") {
        // A directory of web pages that the real server is usually started without.
        return Some(Route::NotFound);
    }
    let job = |id: &[u8]| !id.is_empty() && !id.contains(&b'/');
    let offered_elsewhere = match (method, path.strip_prefix(b"/api/jobs")) {
        ("GET" | "POST", Some(b"")) => true,
        ("GET" | "DELETE", Some(rest)) => rest.strip_prefix(b"/").is_some_and(job),
        ("GET", None) => path == b"/ws/volunteer",
        _ => false,
    };
    offered_elsewhere.then_some(Route::NotOffered)
}

fn invoke(path: &[u8]) -> Route<'_> {
    below(path).map_or(Route::NotFound, Route::Invoke)
}

/// `/{user}/*`.
fn below(rest: &[u8]) -> Option<Function<'_>> {
    let rest = rest.strip_prefix(b"/")?;
    let slash = rest.iter().position(|byte| *byte == b'/')?;
    Some(Function { user: &rest[..slash], path: &rest[slash + 1..] })
}

/// `/{namespace}` and what follows its slash. A namespace may be empty when a slash follows it.
fn mounted(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = rest.strip_prefix(b"/").filter(|rest| !rest.is_empty())?;
    let slash = rest.iter().position(|byte| *byte == b'/');
    Some(slash.map_or((rest, &b""[..]), |slash| (&rest[..slash], &rest[slash + 1..])))
}

fn pairs<'a>(method: &str, namespace: &'a [u8], key: &'a [u8]) -> Route<'a> {
    let call = match (method, key) {
        ("GET", b"") => Pairs::List,
        (_, b"") => return Route::NotAllowed(&["GET"]),
        _ if key.contains(&b'/') => return Route::NotFound,
        ("GET", _) => Pairs::Get(key),
        ("PUT", _) => Pairs::Put(key),
        ("DELETE", _) => Pairs::Delete(key),
        _ => return Route::NotAllowed(&["GET", "PUT", "DELETE"]),
    };
    Route::Pairs(namespace, call)
}

fn files<'a>(method: &str, namespace: &'a [u8], rest: &'a [u8]) -> Route<'a> {
    let path = rest.strip_prefix(b"/").unwrap_or(rest);
    let call = match method {
        "GET" if rest.is_empty() => Files::List,
        "GET" => Files::Get(path),
        "PUT" => Files::Put(path),
        "DELETE" => Files::Delete(path),
        _ => return Route::NotAllowed(&["GET", "PUT", "DELETE"]),
    };
    Route::Files(namespace, call)
}

fn applications<'a>(method: &str, rest: &[u8]) -> Route<'a> {
    let segments = rest.split(|byte| *byte == b'/').collect::<Vec<_>>();
    match (method, segments.as_slice()) {
        ("GET", [b""]) => Route::ListApplications,
        ("POST", [b""]) => Route::RegisterApplication,
        (_, [b""]) => Route::NotAllowed(&["POST", "GET"]),
        ("GET", [_]) => Route::GetApplication,
        ("DELETE", [_]) => Route::DeleteApplication,
        (_, [_]) => Route::NotAllowed(&["GET", "DELETE"]),
        ("POST", [_, b"sync"]) => Route::SyncApplication,
        (_, [_, b"sync"]) => Route::NotAllowed(&["POST"]),
        _ => Route::NotFound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function<'a>(user: &'a str, path: &'a str) -> Function<'a> {
        Function { user: user.as_bytes(), path: path.as_bytes() }
    }

    #[test]
    fn shadowed_paths_fall_through_to_functions() {
        for (method, path, found) in [
            ("HEAD", "/api/deploy", Route::Invoke(function("api", "deploy"))),
            ("GET", "/api/deploy/u/x", Route::Invoke(function("api", "deploy/u/x"))),
            ("POST", "/api/deploy/u", Route::Invoke(function("api", "deploy/u"))),
            ("GET", "/api/deployed", Route::Invoke(function("api", "deployed"))),
            ("GET", "/static/", Route::Invoke(function("static", ""))),
            ("GET", "/api/storage/", Route::Invoke(function("api", "storage/"))),
            ("DELETE", "/health/f", Route::Invoke(function("health", "f"))),
            ("GET", "/api/jobs/1", Route::NotOffered),
            ("GET", "/api/jobs/1/2", Route::Invoke(function("api", "jobs/1/2"))),
            ("PUT", "/api/jobs", Route::Invoke(function("api", "jobs"))),
            ("GET", "/ws/f", Route::Invoke(function("ws", "f"))),
            ("GET", "/nothing", Route::NotFound),
            ("GET", "/", Route::Page(Page::Index)),
            ("POST", "/", Route::NotFound),
            ("GET", "/~state", Route::Page(Page::State)),
            ("GET", "/~state/", Route::Invoke(function("~state", ""))),
            ("GET", "/info/", Route::Invoke(function("info", ""))),
            ("HEAD", "/info", Route::NotAllowed(&["GET"])),
            ("PROPFIND", "/u/x", Route::NotAllowed(&[])),
        ] {
            assert_eq!(route(method, path.as_bytes()), found, "{method} {path}");
        }
    }

    #[test]
    fn names_are_cut_where_the_router_cuts_them() {
        for (method, path, found) in [
            ("POST", "/api/deploy//x", Route::Deploy(function("", "x"))),
            ("POST", "/api/deploy/u/", Route::Deploy(function("u", ""))),
            ("GET", "/api/db/n", Route::Pairs(b"n", Pairs::List)),
            ("GET", "/api/db//k", Route::Pairs(b"", Pairs::Get(b"k"))),
            ("PUT", "/api/db/n/a/b", Route::NotFound),
            ("PUT", "/api/db/n/", Route::NotAllowed(&["GET"])),
            ("GET", "/api/storage/n", Route::Files(b"n", Files::List)),
            ("GET", "/api/storage/n//", Route::Files(b"n", Files::Get(b""))),
            ("PUT", "/api/storage/n//a//b", Route::Files(b"n", Files::Put(b"a//b"))),
            ("PUT", "/api/storage//x", Route::Files(b"", Files::Put(b"x"))),
            ("DELETE", "/api/storage/n", Route::Files(b"n", Files::Delete(b""))),
            ("GET", "/static/n", Route::Files(b"n", Files::Visit(b""))),
            ("PUT", "/static/n/x", Route::NotAllowed(&["GET"])),
            ("POST", "/api/gitops/applications/x", Route::NotAllowed(&["GET", "DELETE"])),
        ] {
            assert_eq!(route(method, path.as_bytes()), found, "{method} {path}");
        }
        assert_eq!(function("u", "/a/").stored_path(), b"/a/");
        assert_eq!(function("u", "//a").stored_path(), b"//a");
    }
}
