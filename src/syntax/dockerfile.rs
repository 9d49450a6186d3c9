//! The form of a Dockerfile: its instructions and what each needs. What an instruction does is Docker's business.

use std::ops::Range;

use super::Mistake;

/// Instruction, and the fewest words behind it.
const INSTRUCTIONS: [(&str, usize); 18] = [
    ("ADD", 2),
    ("ARG", 1),
    ("CMD", 0),
    ("COPY", 2),
    ("ENTRYPOINT", 0),
    ("ENV", 1),
    ("EXPOSE", 1),
    ("FROM", 1),
    ("HEALTHCHECK", 1),
    ("LABEL", 1),
    ("MAINTAINER", 1),
    ("ONBUILD", 1),
    ("RUN", 1),
    ("SHELL", 1),
    ("STOPSIGNAL", 1),
    ("USER", 1),
    ("VOLUME", 1),
    ("WORKDIR", 1),
];

/// One instruction: its lines joined, comments and line continuations taken out.
struct Instruction {
    /// Where its word stands.
    word: Range<usize>,
    /// Everything behind the word.
    rest: String,
}

/// The first thing that Docker cannot read.
pub fn check(text: &str) -> Result<(), Mistake> {
    let instructions = instructions(text)?;
    let mut seen_from = false;
    let mut above = "";
    for Instruction { word, rest } in &instructions {
        let name = text[word.clone()].to_ascii_uppercase();
        let mistake = |message: String, help: Option<String>| Err(Mistake { span: word.clone(), message, help, opened: None });
        let Some((_, fewest)) = INSTRUCTIONS.iter().find(|(known, _)| *known == name) else {
            let near = INSTRUCTIONS.iter().map(|(known, _)| *known).min_by_key(|known| strsim::damerau_levenshtein(&name, known));
            let near = near.filter(|known| strsim::damerau_levenshtein(&name, known) <= (name.len() / 2).min(2));
            let shown: String = crate::key::printable(&text[word.clone()]).chars().take(80).collect();
            let help = match near {
                _ if ["&&", "||", "|"].iter().any(|operator| above.trim_end().ends_with(operator)) => {
                    "the line above is not at its end: let it end in `\\`".to_owned()
                }
                Some(known) => format!("did you mean `{known}`?"),
                None => "each line starts with an instruction; a line that goes on ends in `\\`".to_owned(),
            };
            return mistake(format!("`{shown}` is no instruction of a Dockerfile"), Some(help));
        };
        let words: Vec<&str> = rest.split_whitespace().filter(|word| !word.starts_with("--")).collect();
        let is_json = rest.trim_start().starts_with('[');
        if words.len() < *fewest && !(is_json && *fewest > 1) {
            let message = if *fewest == 1 {
                format!("`{name}` needs something behind it")
            } else {
                format!("`{name}` needs a source and a destination")
            };
            return mistake(message, None);
        }
        if !seen_from && !matches!(name.as_str(), "FROM" | "ARG") {
            return mistake(
                format!("`{name}` stands before the first `FROM`"),
                Some("start with `FROM image`; only `ARG` may stand before it".to_owned()),
            );
        }
        above = rest;
        if name == "FROM" {
            seen_from = true;
            let named = words.len() == 3 && words[1].eq_ignore_ascii_case("as");
            if words.len() != 1 && !named {
                return mistake(
                    "`FROM` takes one image, and a name behind `AS`".to_owned(),
                    Some("write `FROM image` or `FROM image AS name`".to_owned()),
                );
            }
        }
    }
    if seen_from {
        return Ok(());
    }
    let end = text.chars().next().map_or(0, char::len_utf8);
    Err(Mistake {
        span: 0..end,
        message: "there is no `FROM` in this Dockerfile".to_owned(),
        help: Some("start with `FROM image`".to_owned()),
        opened: None,
    })
}

fn instructions(text: &str) -> Result<Vec<Instruction>, Mistake> {
    let escape = escape_character(text);
    let mut found: Vec<Instruction> = Vec::new();
    let (mut at, mut goes_on) = (0, false);
    let mut heredocs: Vec<(String, bool)> = Vec::new();
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim_end_matches(['\n', '\r']);
        if let Some((end, dedented)) = heredocs.first() {
            let candidate = if *dedented { content.trim_start_matches('\t') } else { content };
            if candidate == end {
                heredocs.remove(0);
            }
            continue;
        }
        let trimmed = content.trim();
        if trimmed.starts_with('#') || trimmed.is_empty() {
            continue;
        }
        let continued = trimmed.ends_with(escape);
        let body = if continued { &trimmed[..trimmed.len() - escape.len_utf8()] } else { trimmed };
        if let Some(open) = found.last_mut().filter(|_| goes_on) {
            open.rest.push(' ');
            open.rest.push_str(body);
        } else {
            let first = start + (content.len() - content.trim_start().len());
            let word = body.split_whitespace().next().unwrap_or(body);
            found.push(Instruction { word: first..first + word.len().max(1), rest: body.get(word.len()..).unwrap_or_default().to_owned() });
        }
        goes_on = continued;
        if let Some(open) = found.last().filter(|_| !goes_on) {
            let name = text[open.word.clone()].to_ascii_uppercase();
            if matches!(name.as_str(), "RUN" | "COPY" | "ADD") {
                heredocs = heredoc_ends(&open.rest);
            }
        }
    }
    match (heredocs.first(), found.last()) {
        (Some((end, _)), Some(open)) => {
            let end: String = crate::key::printable(end).chars().take(80).collect();
            Err(Mistake {
                span: open.word.clone(),
                message: format!("the text that starts here has no line `{end}` that ends it"),
                help: None,
                opened: None,
            })
        }
        _ => Ok(found),
    }
}

/// `# escape=` at the top names another character than the backslash.
fn escape_character(text: &str) -> char {
    let directives = text.lines().map_while(|line| line.trim().strip_prefix('#')).filter_map(|line| line.split_once('='));
    let named = directives.into_iter().find(|(key, _)| key.trim().eq_ignore_ascii_case("escape"));
    if named.is_some_and(|(_, value)| value.trim() == "`") { '`' } else { '\\' }
}

/// The lines that end the texts which a line opens with `<<`, and whether they may be indented by tabs.
fn heredoc_ends(rest: &str) -> Vec<(String, bool)> {
    let words = rest.split_whitespace().filter_map(|word| word.strip_prefix("<<"));
    let ends = words.map(|word| match word.strip_prefix('-') {
        Some(word) => (word, true),
        None => (word, false),
    });
    let named = ends.map(|(word, dedented)| (word.trim_matches(['"', '\'']).to_owned(), dedented));
    named.filter(|(word, _)| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_docker_takes_is_taken() {
        for good in [
            "FROM scratch\n",
            "# escape=`\nARG A=1\nFROM a${A} AS build\nRUN dir `\n  /b\n",
            "from alpine\nrun echo a \\\n  # a comment\n\n  && echo b\ncopy --from=build /a /b\ncmd\n",
            "FROM alpine\nCOPY [\"a b\", \"/c\"]\nHEALTHCHECK NONE\nENTRYPOINT [\"/a\"]\n",
            "FROM alpine\nRUN <<EOF\nnot an instruction\nEOF\nRUN cat <<-'A' <<B\nx\n\tA\ny\nB\nCMD [\"x\"]\n",
            "\u{feff}FROM alpine\n".trim_start_matches('\u{feff}'),
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_docker_refuses_is_named_with_its_place() {
        let wrong = |text: &str| check(text).map_err(|mistake| (text[mistake.span].to_owned(), mistake.message));
        for (text, at) in [
            ("FORM alpine\n", "FORM"),
            ("RUN ls\nFROM alpine\n", "RUN"),
            ("FROM\n", "FROM"),
            ("FROM a b c\n", "FROM"),
            ("FROM alpine\nCOPY a\n", "COPY"),
            ("FROM alpine\nRUN a &&\nb\n", "b"),
            ("FROM alpine\nEXPOSE\n", "EXPOSE"),
            ("FROM alpine\nRUN <<EOF\nx\n", "RUN"),
            ("# nothing\n", "#"),
        ] {
            assert_eq!(wrong(text).expect_err(text).0, at, "{text}");
        }
        assert!(check("").is_err());
    }
}
