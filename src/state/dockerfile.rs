//! What a Dockerfile says of its stages: their names and the ports they expose. Read as far as that needs; the engine judges the rest.

use std::collections::BTreeMap;

/// The stages of a Dockerfile, in their order.
#[derive(Debug, Default)]
pub(super) struct Dockerfile {
    stages: Vec<Stage>,
}

#[derive(Debug, Default)]
struct Stage {
    /// What it starts from, when that is no earlier stage.
    image: Option<String>,
    /// `AS name`, lower-case as Docker compares it.
    name: Option<String>,
    /// The earlier stage that it goes on from.
    base: Option<usize>,
    exposes: Vec<Exposed>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Exposed {
    Port(u16),
    /// A range, or a variable that only a build knows.
    Unclear,
}

/// The port that a container listens on, by what its Dockerfile exposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExposedPort {
    /// No `EXPOSE` at all.
    None,
    /// Exactly one.
    One(u16),
    /// Several, a range or a variable: nothing to go by.
    Unclear,
}

impl Dockerfile {
    /// Reads the text of a Dockerfile.
    pub(super) fn parse(text: &str) -> Self {
        let mut file = Self::default();
        let mut variables = BTreeMap::new();
        for line in instructions(text) {
            let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((&line, ""));
            match word.to_ascii_uppercase().as_str() {
                "FROM" => file.from(rest),
                "ARG" | "ENV" => variables.extend(assignments(rest)),
                "EXPOSE" => {
                    let exposed = rest.split_whitespace().filter_map(|port| exposed(port, &variables));
                    if let Some(stage) = file.stages.last_mut() {
                        stage.exposes.extend(exposed);
                    }
                }
                _ => {}
            }
        }
        file
    }

    fn from(&mut self, rest: &str) {
        let words: Vec<&str> = rest.split_whitespace().filter(|word| !word.starts_with("--")).collect();
        let base = words.first().and_then(|name| self.named(name));
        let name = words.get(2).filter(|_| words[1].eq_ignore_ascii_case("as")).map(|name| name.to_ascii_lowercase());
        let image = words.first().filter(|_| base.is_none()).map(|image| (*image).to_owned());
        self.stages.push(Stage { image, name, base, exposes: Vec::new() });
    }

    fn named(&self, name: &str) -> Option<usize> {
        self.stages.iter().rposition(|stage| stage.name.as_deref() == Some(name.to_ascii_lowercase().as_str()))
    }

    fn stage(&self, target: Option<&str>) -> Option<usize> {
        match target {
            None => self.stages.len().checked_sub(1),
            Some(target) => self.named(target).or_else(|| target.parse().ok().filter(|number| *number < self.stages.len())),
        }
    }

    /// Whether a build can stop at `target`.
    pub(super) fn has_stage(&self, target: &str) -> bool {
        self.stage(Some(target)).is_some()
    }

    /// The images that a build starts from, as far as only a build does not know them.
    pub(super) fn base_images(&self) -> Vec<String> {
        let images = self.stages.iter().filter_map(|stage| stage.image.clone());
        images.filter(|image| image != "scratch" && !image.contains('$')).collect()
    }

    /// Names of all stages that have one.
    pub(super) fn stage_names(&self) -> Vec<&str> {
        self.stages.iter().filter_map(|stage| stage.name.as_deref()).collect()
    }

    /// What the stage `target`, or the last one, exposes, with what it goes on from.
    pub(super) fn exposed_port(&self, target: Option<&str>) -> ExposedPort {
        let stages = std::iter::successors(self.stage(target), |stage| self.stages[*stage].base);
        let mut exposes: Vec<&Exposed> = stages.flat_map(|stage| &self.stages[stage].exposes).collect();
        exposes.dedup();
        match exposes.as_slice() {
            [] => ExposedPort::None,
            [Exposed::Port(port)] => ExposedPort::One(*port),
            _ => ExposedPort::Unclear,
        }
    }
}

/// One instruction a line: comments are gone, continued lines are joined, and the texts of here-documents are left out.
fn instructions(text: &str) -> Vec<String> {
    let escape = escape_letter(text);
    let mut found: Vec<String> = Vec::new();
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let mut open = String::new();
    while let Some(line) = lines.next() {
        if line.trim_start().starts_with('#') || (line.trim().is_empty() && !open.is_empty()) {
            continue;
        }
        if let Some(continued) = line.trim_end().strip_suffix(escape) {
            open.push_str(continued);
            open.push(' ');
            continue;
        }
        let whole = std::mem::take(&mut open) + line;
        for end in here_documents(&whole) {
            // The text ends with a line that is only the word; tabs may stand before it.
            let _ = lines.by_ref().find(|line| line.trim_start_matches('\t').trim_end() == end);
        }
        found.push(whole.trim().to_owned());
    }
    found.push(open.trim().to_owned());
    found.retain(|instruction| !instruction.is_empty());
    found
}

/// `# escape=` in one of the first lines.
fn escape_letter(text: &str) -> char {
    let directives = text.lines().map_while(|line| line.trim_start().strip_prefix('#'));
    let escape = directives.filter_map(|line| line.split_once('=')).find(|(key, _)| key.trim().eq_ignore_ascii_case("escape"));
    if escape.is_some_and(|(_, value)| value.trim() == "`") { '`' } else { '\\' }
}

/// The words that end the here-documents of `RUN`, `COPY` and `ADD`.
fn here_documents(instruction: &str) -> Vec<String> {
    let takes = ["RUN ", "COPY ", "ADD "];
    let word = instruction.trim_start().get(..5).unwrap_or_default().to_ascii_uppercase();
    if !takes.iter().any(|name| word.starts_with(name.trim_end())) {
        return Vec::new();
    }
    let after = instruction.match_indices("<<").map(|(at, _)| &instruction[at + 2..]);
    let words = after.map(|rest| rest.trim_start_matches(['-', '"', '\'']));
    let words = words.map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>());
    words.filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')).collect()
}

/// `KEY=value` pairs; `ENV KEY value` too.
fn assignments(rest: &str) -> Vec<(String, String)> {
    let plain = |text: &str| text.trim_matches(['"', '\'']).to_owned();
    match rest.split_once(char::is_whitespace) {
        Some((key, value)) if !key.contains('=') => vec![(key.to_owned(), plain(value.trim()))],
        _ => rest.split_whitespace().filter_map(|pair| pair.split_once('=')).map(|(key, value)| (key.to_owned(), plain(value))).collect(),
    }
}

/// What one word of an `EXPOSE` says; a UDP port says nothing about where HTTP is.
fn exposed(word: &str, variables: &BTreeMap<String, String>) -> Option<Exposed> {
    let name = |text: &str| text.strip_prefix('$').map(|name| name.trim_start_matches('{').trim_end_matches('}').to_owned());
    let (port, protocol) = word.split_once('/').unwrap_or((word, "tcp"));
    if protocol.eq_ignore_ascii_case("udp") {
        return None;
    }
    let known = name(port).and_then(|name| variables.get(&name).cloned()).unwrap_or_else(|| port.to_owned());
    Some(known.parse().ok().filter(|port| *port > 0).map_or(Exposed::Unclear, Exposed::Port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(text: &str) -> ExposedPort {
        Dockerfile::parse(text).exposed_port(None)
    }

    #[test]
    fn the_single_port_of_the_last_stage_counts() {
        assert_eq!(port("FROM scratch\nEXPOSE 8080\n"), ExposedPort::One(8080));
        assert_eq!(port("FROM a AS build\nEXPOSE 1\nFROM scratch\nexpose 9000/tcp 53/udp\n"), ExposedPort::One(9000));
        assert_eq!(port("FROM a AS Base\nEXPOSE 8080\nFROM base\nEXPOSE 8080\n"), ExposedPort::One(8080));
        assert_eq!(port("FROM a\n"), ExposedPort::None);
        assert_eq!(port("ARG P=81\nFROM a\nENV Q 82\nEXPOSE ${P}\n"), ExposedPort::One(81));
        for unclear in ["FROM a\nEXPOSE 80 81\n", "FROM a\nEXPOSE 80-90\n", "FROM a\nEXPOSE $P\n", "FROM a\nEXPOSE 80\nEXPOSE 81\n"] {
            assert_eq!(port(unclear), ExposedPort::Unclear, "{unclear}");
        }
    }

    #[test]
    fn comments_continued_lines_and_here_documents_are_no_instructions() {
        let text = "# escape=`\nFROM a\nRUN x `\n# EXPOSE 1\n  EXPOSE 2\nEXPOSE `\n 3\n";
        assert_eq!(port(text), ExposedPort::One(3));
        assert_eq!(
            port("FROM a\nRUN <<EOF\nEXPOSE 1\nEOF\nCOPY <<-\"A\" <<B /x/\nEXPOSE 2\n\tA\nEXPOSE 3\nB\nEXPOSE 4\n"),
            ExposedPort::One(4)
        );
    }

    #[test]
    fn a_target_is_a_stage_by_name_or_number() {
        let file = Dockerfile::parse("FROM --platform=linux/amd64 a AS Build\nEXPOSE 1\nFROM scratch AS final\nEXPOSE 2\n");
        assert!(file.has_stage("build") && file.has_stage("FINAL") && file.has_stage("0"));
        assert!(!file.has_stage("2") && !file.has_stage("test"));
        assert_eq!((file.stage_names(), file.exposed_port(Some("build"))), (vec!["build", "final"], ExposedPort::One(1)));
        assert_eq!(file.base_images(), ["a"]);
    }
}
