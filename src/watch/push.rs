//! What somebody says was pushed, and whom it may concern.

use std::collections::BTreeSet;

use crate::registry::Registration;
use crate::source::normalise_url;

/// A branch that was pushed, as far as somebody says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// URLs of the repository.
    pub urls: Vec<String>,
    /// The branch.
    pub branch: String,
    /// Where it is said to be now.
    pub commit: Option<String>,
    /// The branch that HEAD of the repository names, when that is said.
    pub default: Option<String>,
}

impl Push {
    /// Its URLs in the form that repositories are compared in, as a whole: part of one is another repository.
    pub(super) fn repositories(&self) -> BTreeSet<String> {
        self.urls.iter().map(|url| normalise_url(url)).collect()
    }

    /// Whether an application may come from it, given its [`Self::repositories`].
    pub(super) fn concerns(&self, repositories: &BTreeSet<String>, registration: &Registration) -> bool {
        let same_branch = match (&registration.branch, &self.default) {
            (Some(branch), _) => *branch == self.branch,
            (None, Some(default)) => *default == self.branch,
            (None, None) => true,
        };
        same_branch && repositories.contains(&registration.repository.identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{AppId, AppName, Namespace};
    use crate::registry::{Allowed, Repository};

    fn concerns(registered: &str, branch: Option<&str>, url: &str, pushed: &str, default: Option<&str>) -> bool {
        let app = AppId { namespace: Namespace::new("me").expect("a name"), name: AppName::new("app").expect("a name") };
        let repository = Repository::parse(registered, &Allowed::default()).expect("a repository");
        let registration = Registration { app, repository, branch: branch.map(str::to_owned), subdir: None };
        let push = Push { urls: vec![url.to_owned()], branch: pushed.to_owned(), commit: None, default: default.map(str::to_owned) };
        push.concerns(&push.repositories(), &registration)
    }

    #[test]
    fn a_push_concerns_who_comes_from_exactly_that_repository_and_branch() {
        let url = "https://h.example/me/app";
        for (registered, branch, pushed_to, pushed, default, expected) in [
            (url, Some("main"), "git@h.example:me/app.git", "main", None, true),
            (url, None, url, "main", Some("main"), true),
            (url, None, url, "any", None, true),
            (url, None, url, "x", Some("main"), false),
            (url, Some("main"), url, "main2", None, false),
            (url, Some("main"), "https://h.example/me/app2", "main", None, false),
            (url, Some("main"), "https://h.example/x/me/app", "main", None, false),
            (url, Some("main"), "https://h.example.evil.net/me/app", "main", None, false),
            (url, Some("main"), "h.example/me/app", "main", None, false),
            (url, Some("main"), ".*", "main", None, false),
        ] {
            assert_eq!(concerns(registered, branch, pushed_to, pushed, default), expected, "{pushed_to} {pushed}");
        }
    }
}
