//! Which repository and directory a source is, without credentials: what the record compares.

/// One form for all URLs of a repository: host and path, without scheme, user, port and `.git`. The https and the ssh form of one repository
/// are equal then, and nothing that could be a credential is left.
#[must_use]
pub fn normalise_url(url: &str) -> String {
    let url = url.trim();
    let (rest, has_scheme) = match url.split_once("://") {
        Some(("file", path)) => return format!("file://{}", trim(path)),
        Some((_, rest)) => (rest, true),
        None => (url, false),
    };
    if !has_scheme && (rest.starts_with(['/', '.', '~']) || !rest.contains(':')) {
        return format!("file://{}", trim(rest));
    }
    let (authority, path) = if has_scheme {
        rest.split_once('/').unwrap_or((rest, ""))
    } else {
        // git@host:path
        rest.split_once(':').unwrap_or((rest, ""))
    };
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = if has_scheme { host.split(':').next().unwrap_or_default() } else { host };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    format!("{}/{}", host.to_ascii_lowercase(), trim(path.trim_start_matches('/')))
}

fn trim(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.strip_suffix(".git").unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_of_one_url_are_equal_and_hold_no_credential() {
        for form in [
            "https://github.com/me/app",
            "https://github.com/me/app.git",
            "https://user:s3cr3t@GitHub.com/me/app.git/",
            "https://github.com/me/app?token=s3cr3t",
            "ssh://git@github.com:22/me/app.git",
            "git@github.com:me/app.git",
        ] {
            assert_eq!(normalise_url(form), "github.com/me/app", "{form}");
        }
        assert_ne!(normalise_url("https://h/a/site.git"), normalise_url("https://h/b/site.git"));
        assert_eq!(normalise_url("/srv/git/app.git"), "file:///srv/git/app");
        assert_eq!(normalise_url("file:///srv/git/app.git"), "file:///srv/git/app");
    }
}
