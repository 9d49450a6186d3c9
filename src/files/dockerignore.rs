//! `.dockerignore` as Docker reads it, which is not how Git reads a `.gitignore`: patterns are relative to the context's root, the last that
//! matches a path or a directory above it decides, and `!` takes back even what lies below an excluded directory.

use regex::Regex;

/// The patterns of one file.
#[derive(Debug, Default)]
pub(super) struct DockerIgnore {
    patterns: Vec<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    /// Matches a path, and everything below one that it matches.
    regex: Regex,
    /// `!`: takes back.
    takes_back: bool,
}

impl DockerIgnore {
    /// Reads the text of an ignore file; the error is the line of the first pattern that is none, counted from 1.
    pub(super) fn parse(text: &str) -> Result<Self, usize> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut patterns = Vec::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let line = line.trim();
            let (takes_back, pattern) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest.trim()));
            let pattern = clean(pattern);
            match (takes_back, pattern.is_empty()) {
                (false, true) => {}
                (true, true) => return Err(number + 1),
                (_, false) => {
                    let regex = translate(&pattern).and_then(|text| Regex::new(&text).ok()).ok_or(number + 1)?;
                    patterns.push(Pattern { regex, takes_back });
                }
            }
        }
        Ok(Self { patterns })
    }

    /// Whether a file, link or directory of this name is left out.
    pub(super) fn excludes(&self, name: &str) -> bool {
        let decides = self.patterns.iter().rev().find(|pattern| pattern.regex.is_match(name));
        decides.is_some_and(|pattern| !pattern.takes_back)
    }

    /// Whether nothing below the directory `name` can be taken, so that nobody has to look.
    pub(super) fn excludes_all_below(&self, name: &str) -> bool {
        self.excludes(name) && !self.patterns.iter().any(|pattern| pattern.takes_back)
    }
}

/// The pattern without `.`, `..` and empty names, and without a leading `/`: by name, as Go's `filepath.Clean` does it.
fn clean(pattern: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in pattern.split('/') {
        match name {
            "" | "." => {}
            ".." if names.last().is_some_and(|last| *last != "..") => drop(names.pop()),
            name => names.push(name),
        }
    }
    names.join("/")
}

/// A pattern as a regular expression. `*` and `?` stop at `/`, `**` does not; classes are the same in both languages.
fn translate(pattern: &str) -> Option<String> {
    let mut regex = String::from("(?s)^");
    let mut letters = pattern.chars().peekable();
    let mut first = true;
    while let Some(letter) = letters.next() {
        match letter {
            '*' if letters.next_if_eq(&'*').is_some() => {
                let slash = letters.next_if_eq(&'/').is_some();
                // `**.log` and a `**` at the end match any text, `**/` any number of whole names.
                regex.push_str(if letters.peek().is_none() || (first && !slash) { ".*" } else { "(.*/)?" });
            }
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            '[' => {
                regex.push('[');
                if letters.next_if_eq(&'^').is_some() {
                    regex.push('^');
                }
                loop {
                    match letters.next()? {
                        ']' => break,
                        '\\' => regex.push_str(&regex::escape(letters.next()?.encode_utf8(&mut [0; 4]))),
                        // Go knows no classes in classes and no operators in them.
                        special @ ('[' | '&' | '~') => regex.extend(['\\', special]),
                        other => regex.push(other),
                    }
                }
                regex.push(']');
            }
            '\\' => regex.push_str(&regex::escape(letters.next()?.encode_utf8(&mut [0; 4]))),
            other => regex.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
        first = false;
    }
    Some(regex + "(/.*)?$")
}

#[cfg(test)]
mod tests {
    use proptest::strategy::Strategy;

    use super::*;

    /// Which of `names` are taken.
    fn taken<'a>(rules: &str, names: &[&'a str]) -> Vec<&'a str> {
        let rules = DockerIgnore::parse(rules).expect("patterns");
        names.iter().copied().filter(|name| !rules.excludes(name)).collect()
    }

    #[test]
    fn patterns_start_at_the_root_of_the_context() {
        assert_eq!(taken("/a\nb/\n./c//d\n", &["a", "x/a", "b", "b/y", "c/d", "c/e"]), ["x/a", "c/e"]);
        assert_eq!(taken("*.log\n", &["a.log", "x/a.log"]), ["x/a.log"]);
        assert_eq!(taken("*/temp*\n", &["temp", "a/temp1", "a/b/temp1", "a/temp/x"]), ["temp", "a/b/temp1"]);
        assert_eq!(taken("temp?\n", &["temp", "tempa", "temp/"]), ["temp", "temp/"]);
    }

    #[test]
    fn two_stars_match_any_number_of_directories() {
        assert_eq!(taken("**/*.go\n", &["a.go", "x/a.go", "x/y/a.go", "a.gox"]), ["a.gox"]);
        assert_eq!(taken("docs/**\n", &["docs/a", "docs/b/c", "doc"]), ["doc"]);
        assert_eq!(taken("a/**/z\n", &["a/z", "a/b/z", "a/b/c/z", "az"]), ["az"]);
        assert_eq!(taken("**.bak\n", &["a.bak", "x/a.bak", "bak"]), ["bak"]);
    }

    #[test]
    fn the_last_match_decides_and_takes_back_below_what_is_excluded() {
        assert_eq!(
            taken("*\n!src\n!README*.md\nREADME-secret.md\n", &["x", "src/a", "README.md", "README-secret.md"]),
            ["src/a", "README.md"]
        );
        assert_eq!(taken("node_modules\n!node_modules/keep/**\n", &["node_modules/a", "node_modules/keep/b"]), ["node_modules/keep/b"]);
        assert_eq!(taken("!a\na\n", &["a"]), Vec::<&str>::new());
    }

    #[test]
    fn comments_blanks_and_escapes_are_what_they_are_for_docker() {
        assert_eq!(taken("# a\n\n  b  \n\\#c\n", &["a", "b", "#c", "# a"]), ["a", "# a"]);
        assert_eq!(taken("a.b\n[x-z]1\n[^q]2\n", &["aab", "a.b", "y1", "w1", "r2", "q2"]), ["aab", "w1", "q2"]);
        assert_eq!(taken("\u{feff}a\r\nb\r\n", &["a", "b"]), Vec::<&str>::new());
        assert_eq!(taken("a(1)+|{x}$\n", &["a(1)+|{x}$", "a"]), ["a"]);
    }

    #[test]
    fn what_is_no_pattern_is_told_by_its_line() {
        assert_eq!(DockerIgnore::parse("a\n!\n").err(), Some(2));
        assert_eq!(DockerIgnore::parse("a\n[b\n").err(), Some(2));
        assert_eq!(DockerIgnore::parse("[z-a]\n").err(), Some(1));
    }

    #[test]
    fn any_text_is_read_or_refused_at_one_of_its_lines() {
        use proptest::test_runner::{Config, RngSeed, TestRunner};
        use proptest::{collection, prop_assert, prop_assert_eq, prop_oneof, sample};
        let pieces = sample::select(
            &[
                "*", "**", "/", "\n", "!", "#", "[", "]", "[^", "-", "\\", "?", ".", "..", "a", "z", "é", "\r\n", " ", "\t", "&&", "~~",
                "(", "{2}", "\0",
            ][..],
        );
        let text = prop_oneof![collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat()), ".{0,60}"];
        let names = collection::vec("[a-z./é*\\[\\]]{1,12}", 1..4);
        let config = Config { cases: 2_000, failure_persistence: None, rng_seed: RngSeed::Fixed(4711), ..Config::default() };
        TestRunner::new(config)
            .run(&(text, names), |(text, names)| {
                match DockerIgnore::parse(&text) {
                    Err(line) => prop_assert!((1..=text.lines().count()).contains(&line), "line {} of {:?}", line, text),
                    Ok(rules) => {
                        for name in &names {
                            // What leaves out all that lies below leaves out the directory itself.
                            prop_assert!(!rules.excludes_all_below(name) || rules.excludes(name), "{name:?} by {text:?}");
                        }
                        // Reading it once more, with a pattern behind that takes everything back, leaves nothing out.
                        let taken = DockerIgnore::parse(&format!("{text}\n!**")).expect("patterns as before");
                        prop_assert_eq!(names.iter().find(|name| taken.excludes(name)), None, "{:?}", text);
                    }
                }
                Ok(())
            })
            .expect("patterns or a line");
    }
}
