//! The Content-Type of a stored file: by four suffixes, else by looking at the first bytes as Go's `DetectContentType` does, which follows the WHATWG
//! MIME Sniffing standard.

/// How many bytes the decision looks at.
pub(super) const SNIFF_LENGTH: usize = 512;

/// The type of a file named `path` that starts with `content`.
pub(super) fn content_type(path: &[u8], content: &[u8]) -> &'static str {
    const SUFFIXES: [(&[u8], &str); 4] =
        [(b".html", "text/html"), (b".css", "text/css"), (b".js", "application/javascript"), (b".json", "application/json")];
    let by_suffix = SUFFIXES.iter().find(|(suffix, _)| path.ends_with(suffix));
    by_suffix.map_or_else(|| sniff(&content[..content.len().min(SNIFF_LENGTH)]), |(_, name)| name)
}

/// How the beginning of a file can be recognised.
enum Sign {
    /// These bytes.
    Starts(&'static [u8]),
    /// A byte order mark; it counts only in a file of at least four bytes.
    Mark(&'static [u8]),
    /// A container: four bytes, a length, and what it contains.
    Contains(&'static [u8], &'static [u8]),
    /// An MPEG-4 file type box that names a brand starting with `mp4`.
    Mp4,
    /// An Embedded OpenType font has `LP` at byte 34.
    EmbeddedFont,
}

/// In the order of the standard: the first match wins.
const SIGNS: &[(Sign, &str)] = &[
    (Sign::Starts(b"%PDF-"), "application/pdf"),
    (Sign::Starts(b"%!PS-Adobe-"), "application/postscript"),
    (Sign::Mark(b"\xFE\xFF"), "text/plain; charset=utf-16be"),
    (Sign::Mark(b"\xFF\xFE"), "text/plain; charset=utf-16le"),
    (Sign::Mark(b"\xEF\xBB\xBF"), "text/plain; charset=utf-8"),
    (Sign::Starts(b"\0\0\x01\0"), "image/x-icon"),
    (Sign::Starts(b"\0\0\x02\0"), "image/x-icon"),
    (Sign::Starts(b"BM"), "image/bmp"),
    (Sign::Starts(b"GIF87a"), "image/gif"),
    (Sign::Starts(b"GIF89a"), "image/gif"),
    (Sign::Contains(b"RIFF", b"WEBPVP"), "image/webp"),
    (Sign::Starts(b"\x89PNG\r\n\x1A\n"), "image/png"),
    (Sign::Starts(b"\xFF\xD8\xFF"), "image/jpeg"),
    (Sign::Contains(b"FORM", b"AIFF"), "audio/aiff"),
    (Sign::Starts(b"ID3"), "audio/mpeg"),
    (Sign::Starts(b"OggS\0"), "application/ogg"),
    (Sign::Starts(b"MThd\0\0\0\x06"), "audio/midi"),
    (Sign::Contains(b"RIFF", b"AVI "), "video/avi"),
    (Sign::Contains(b"RIFF", b"WAVE"), "audio/wave"),
    (Sign::Mp4, "video/mp4"),
    (Sign::Starts(b"\x1A\x45\xDF\xA3"), "video/webm"),
    (Sign::EmbeddedFont, "application/vnd.ms-fontobject"),
    (Sign::Starts(b"\0\x01\0\0"), "font/ttf"),
    (Sign::Starts(b"OTTO"), "font/otf"),
    (Sign::Starts(b"ttcf"), "font/collection"),
    (Sign::Starts(b"wOFF"), "font/woff"),
    (Sign::Starts(b"wOF2"), "font/woff2"),
    (Sign::Starts(b"\x1F\x8B\x08"), "application/x-gzip"),
    (Sign::Starts(b"PK\x03\x04"), "application/zip"),
    (Sign::Starts(b"Rar!\x1A\x07\0"), "application/x-rar-compressed"),
    (Sign::Starts(b"Rar!\x1A\x07\x01\0"), "application/x-rar-compressed"),
    (Sign::Starts(b"\0asm"), "application/wasm"),
];

fn sniff(content: &[u8]) -> &'static str {
    let spaces = content.iter().take_while(|byte| matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')).count();
    let text = &content[spaces..];
    if is_html(text) {
        return "text/html; charset=utf-8";
    }
    if text.starts_with(b"<?xml") {
        return "text/xml; charset=utf-8";
    }
    if let Some((_, name)) = SIGNS.iter().find(|(sign, _)| sign.matches(content)) {
        return name;
    }
    if text.iter().any(|byte| matches!(byte, 0..=0x08 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F)) {
        return "application/octet-stream";
    }
    "text/plain; charset=utf-8"
}

/// Whether a known tag comes first, with a space or `>` right behind it.
fn is_html(text: &[u8]) -> bool {
    const TAGS: [&str; 17] = [
        "<!doctype html",
        "<html",
        "<head",
        "<script",
        "<iframe",
        "<h1",
        "<div",
        "<font",
        "<table",
        "<a",
        "<style",
        "<title",
        "<b",
        "<body",
        "<br",
        "<p",
        "<!--",
    ];
    TAGS.iter().any(|tag| {
        text.split_at_checked(tag.len())
            .is_some_and(|(start, rest)| start.eq_ignore_ascii_case(tag.as_bytes()) && matches!(rest.first(), Some(b' ' | b'>')))
    })
}

impl Sign {
    fn matches(&self, content: &[u8]) -> bool {
        match self {
            Self::Starts(start) => content.starts_with(start),
            Self::Mark(mark) => content.len() >= 4 && content.starts_with(mark),
            Self::Contains(container, content_type) => {
                content.starts_with(container) && content.get(8..).is_some_and(|inner| inner.starts_with(content_type))
            }
            Self::Mp4 => is_mp4(content),
            Self::EmbeddedFont => content.get(34..).is_some_and(|rest| rest.starts_with(b"LP")),
        }
    }
}

fn is_mp4(content: &[u8]) -> bool {
    let Some((size, _)) = content.split_first_chunk::<4>() else {
        return false;
    };
    let Ok(size) = usize::try_from(u32::from_be_bytes(*size)) else {
        return false;
    };
    let Some(header) = content.get(..size).filter(|_| content.len() >= 12 && size.is_multiple_of(4)) else {
        return false;
    };
    if content.get(4..8) != Some(b"ftyp") {
        return false;
    }
    // The second group of four is the version of the first brand, not a brand.
    header.chunks_exact(4).enumerate().skip(2).any(|(index, brand)| index != 3 && brand.starts_with(b"mp4"))
}

#[cfg(test)]
mod tests {
    use super::content_type;

    #[test]
    fn four_suffixes_decide_alone_and_in_lower_case_only() {
        assert_eq!(content_type(b"a.html", b"\0"), "text/html");
        assert_eq!(content_type(b"x/.json", b""), "application/json");
        assert_eq!(content_type(b"A.HTML", b"<p>"), "text/html; charset=utf-8");
        assert_eq!(content_type(b"a.mjs", b"1"), "text/plain; charset=utf-8");
    }

    #[test]
    fn other_files_are_sniffed() {
        for (content, name) in [
            (&b""[..], "text/plain; charset=utf-8"),
            (b"\n <!DocType html>", "text/html; charset=utf-8"),
            (b"<pre>", "text/plain; charset=utf-8"),
            (b"<p", "text/plain; charset=utf-8"),
            (b" <?xml version='1.0'?>", "text/xml; charset=utf-8"),
            (b"<svg xmlns='x'/>", "text/plain; charset=utf-8"),
            (b"\x89PNG\r\n\x1a\n\0", "image/png"),
            (b"RIFF\0\0\0\0WEBPVP8", "image/webp"),
            (b"\0\0\0\x14ftypisom\0\0\0\0mp42", "video/mp4"),
            (b"\0\0\0\x10ftypisommp42", "application/octet-stream"),
            (b"\xEF\xBB\xBFx", "text/plain; charset=utf-8"),
            (b"\xFF\xFE", "text/plain; charset=utf-8"),
            (b"\xFF\xFEa\0", "text/plain; charset=utf-16le"),
            (b"wOF2", "font/woff2"),
            (b"\0asm", "application/wasm"),
            (b"a\x01", "application/octet-stream"),
        ] {
            assert_eq!(content_type(b"x", content), name, "{content:?}");
        }
    }

    #[test]
    fn only_the_first_512_bytes_count() {
        let mut content = vec![b'a'; 512];
        content.push(0);
        assert_eq!(content_type(b"x", &content), "text/plain; charset=utf-8");
    }
}
