//! Names of entries in a directory: which belong to nobody, and which no Git would write.

/// Names that are never taken, in whatever case: file systems that ignore case would open them all the same.
#[must_use]
pub fn is_private_name(name: &str) -> bool {
    name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case(".zerverless")
}

/// Whether `name` can be an entry of a tree in a commit. Whoever writes objects by hand can give it any name; what would lead out of the directory,
/// or into Git's own data, is refused by its name alone.
pub fn check_entry_name(name: &str) -> Result<(), &'static str> {
    match name {
        "" => Err("it has no name"),
        "." | ".." => Err("its name leads to another directory"),
        name if name.contains('/') => Err("its name leads through directories"),
        name if name.contains('\0') => Err("its name has a NUL character"),
        name if name.eq_ignore_ascii_case(".git") => Err("its name is that of Git's own data"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for bad in ["", ".", "..", "/etc", "a/b", "../x", ".git", ".GIT", "a\0"] {
            assert!(check_entry_name(bad).is_err(), "{bad:?}");
        }
        for good in ["a", "...", ".gitignore", "..a", "a\\b", "git", ".zerverless"] {
            assert!(check_entry_name(good).is_ok(), "{good:?}");
        }
    }
}
