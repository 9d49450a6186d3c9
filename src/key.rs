//! Names: what an application, a namespace and an item are called.
//!
//! Each name is a type of its own whose value was checked once, so that no other room has to ask again whether a string may be sent to the
//! orchestrator. The rules come from what the server can store and list back exactly; names are compared byte by byte.

use std::fmt;

use serde::Serialize;
use thiserror::Error;

/// Namespaces that the orchestrator's own routes shadow, or whose key-value store it keeps locked.
pub const RESERVED_NAMESPACES: [&str; 8] = ["api", "health", "info", "static", "stats", "volunteer", "ws", "zerverless"];

/// The longest name in bytes of a path segment that the server's file system takes.
pub const MAX_SEGMENT: usize = 255;
/// The longest path in bytes that the server's file system takes, with room for its own directory in front.
pub const MAX_PATH: usize = 3800;

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NameError {
    /// Not a DNS label.
    #[error("may only hold a-z, 0-9 and inner dashes, 1 to 63 characters")]
    NotALabel,
    /// A route of the orchestrator has this name.
    #[error("is reserved: a route or a store of the orchestrator has this name")]
    Reserved,
    /// A function path without a leading slash.
    #[error("must start with `/`")]
    NotAbsolute,
    /// An empty segment, which the server drops or keeps depending on the route.
    #[error("has an empty segment")]
    EmptySegment,
    /// A `.` or `..` segment.
    #[error("has a `{0}` segment")]
    DotSegment(&'static str),
    /// `..` anywhere in a file name: the server refuses to store it.
    #[error("has `..` in it, which the orchestrator refuses to store")]
    DoubleDot,
    /// A character that a URL or a terminal cannot carry.
    #[error("has the character {0}, which it may not hold")]
    Character(String),
    /// A segment of more than 255 bytes.
    #[error("has a segment of {0} bytes; the server stores at most {MAX_SEGMENT}")]
    LongSegment(usize),
    /// A path longer than the server's file system takes.
    #[error("is {0} bytes long; the server stores at most {MAX_PATH}")]
    LongPath(usize),
}

/// `[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?`: a DNS label.
fn check_label(text: &str) -> Result<(), NameError> {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    let ends = bytes.first().zip(bytes.last());
    let ok = ends.is_some_and(|(first, last)| inner(*first) && inner(*last))
        && bytes.len() <= 63
        && bytes.iter().all(|b| inner(*b) || *b == b'-');
    if ok { Ok(()) } else { Err(NameError::NotALabel) }
}

/// A namespace of the orchestrator: a DNS label that none of its routes shadows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Namespace(String);

impl Namespace {
    /// Checks `text` and takes it as a namespace.
    pub fn new(text: &str) -> Result<Self, NameError> {
        check_label(text)?;
        if RESERVED_NAMESPACES.contains(&text) {
            return Err(NameError::Reserved);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as it goes into a URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of an application: a DNS label.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct AppName(String);

impl AppName {
    /// Checks `text` and takes it as the name of an application.
    pub fn new(text: &str) -> Result<Self, NameError> {
        check_label(text)?;
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AppName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One application of one namespace; what a record belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct AppId {
    /// Where its items live.
    pub namespace: Namespace,
    /// `metadata.name`.
    pub name: AppName,
}

impl fmt::Display for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// The two kinds of things an application places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A function; named by its path with the leading slash.
    Function,
    /// A static file; named by its path without a leading slash.
    StaticFile,
}

impl ItemKind {
    /// The word for people, in singular.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::StaticFile => "file",
        }
    }
}

/// One item of a namespace, named as the server names it. What is listed may hold any name; what is declared went through
/// [`ItemKey::function`] or [`ItemKey::static_file`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKey {
    /// Function or static file.
    pub kind: ItemKind,
    /// The server's name for it.
    pub name: String,
}

impl ItemKey {
    /// A declared function: absolute, with no empty, `.` or `..` segment, no control character, `\`, `?` or `#`.
    pub fn function(path: &str) -> Result<Self, NameError> {
        let rest = path.strip_prefix('/').ok_or(NameError::NotAbsolute)?;
        if let Some(bad) = rest.chars().find(|c| c.is_control() || matches!(c, '\\' | '?' | '#') || is_format_control(*c)) {
            return Err(NameError::Character(bad.escape_default().to_string()));
        }
        check_segments(rest)?;
        Ok(Self::live(ItemKind::Function, path))
    }

    /// A declared static file, relative to the namespace: what the server stores and lists back under exactly this name.
    pub fn static_file(path: impl Into<String>) -> Result<Self, NameError> {
        let name = path.into();
        if name.contains("..") {
            return Err(NameError::DoubleDot);
        }
        if name.contains('\0') {
            return Err(NameError::Character("\\0".to_owned()));
        }
        check_segments(&name)?;
        Ok(Self { kind: ItemKind::StaticFile, name })
    }

    /// A name as a listing or a record gave it.
    #[must_use]
    pub fn live(kind: ItemKind, name: &str) -> Self {
        Self { kind, name: name.to_owned() }
    }
}

impl fmt::Display for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.noun(), printable(&self.name))
    }
}

/// Characters that change how the text around them is shown (bidirectional overrides, zero width): they hide what a name is.
fn is_format_control(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{e0000}'..='\u{e007f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn check_segments(path: &str) -> Result<(), NameError> {
    for segment in path.split('/') {
        match segment {
            "" => return Err(NameError::EmptySegment),
            "." => return Err(NameError::DotSegment(".")),
            ".." => return Err(NameError::DotSegment("..")),
            long if long.len() > MAX_SEGMENT => return Err(NameError::LongSegment(long.len())),
            _ => {}
        }
    }
    if path.len() > MAX_PATH {
        return Err(NameError::LongPath(path.len()));
    }
    Ok(())
}

/// `text` safe to show: control and direction-changing characters as escapes. Everything that came from outside passes through here before a
/// terminal sees it.
#[must_use]
pub fn printable(text: &str) -> std::borrow::Cow<'_, str> {
    let hidden = |c: char| c.is_control() || is_format_control(c);
    if !text.chars().any(hidden) {
        return text.into();
    }
    let show = |c: char| if hidden(c) { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(show).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_a_label_that_no_route_shadows() {
        for good in ["a", "myuser", "a-b", "0", &"x".repeat(63)] {
            assert_eq!(Namespace::new(good).map(|n| n.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", ".", "..", "a/b", "%2e%2e", "A B", "\0", "\u{202e}", "-a", "a-", "UP", &"x".repeat(64)] {
            assert_eq!(Namespace::new(bad), Err(NameError::NotALabel), "{bad:?}");
        }
        for reserved in RESERVED_NAMESPACES {
            assert_eq!(Namespace::new(reserved), Err(NameError::Reserved), "{reserved}");
        }
    }

    #[test]
    fn a_function_path_is_absolute_and_clean() {
        assert!(ItemKey::function("/hello").is_ok());
        assert!(ItemKey::function("/a/b c/é").is_ok());
        for bad in ["hello", "/", "//x", "/a//b", "/a/", "/./x", "/../x", "/a?b", "/a#b", "/a\\b", "/a\nb", ""] {
            assert!(ItemKey::function(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_static_name_is_what_the_server_lists_back() {
        for good in ["x y(1).txt", ".well-known/x", "#", "?", "\\", "a\nb", "50%.txt", "…"] {
            assert!(ItemKey::static_file(good).is_ok(), "{good:?}");
        }
        for bad in ["", "a//b", "/a", "a/", "./x", "foo..bar.js", "v1..2/x", "...", "a\0"] {
            assert!(ItemKey::static_file(bad).is_err(), "{bad:?}");
        }
        assert!(matches!(ItemKey::static_file("n".repeat(256)), Err(NameError::LongSegment(256))));
    }

    #[test]
    fn nothing_raw_reaches_a_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\r\n"), "a\\u{1b}[31mb\\r\\n");
        assert_eq!(printable("plain é"), "plain é");
    }
}
