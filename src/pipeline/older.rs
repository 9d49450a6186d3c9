//! Which findings a change is to blame for.

use crate::manifest::Finding;

/// Which of `findings` stand in a file that did not change, and stood there `before`.
///
/// What is new is none of them, wherever it stands: a file that was removed is missed in a manifest that nobody touched.
#[must_use]
pub fn older(findings: &[Finding], changed: impl Fn(&Finding) -> bool, before: &[Finding]) -> Vec<bool> {
    let mut before: Vec<(&Finding, String)> = before.iter().map(|finding| (finding, wherever(&finding.message))).collect();
    let mut is_older = |finding: &Finding| {
        if changed(finding) {
            return false;
        }
        let message = wherever(&finding.message);
        let same =
            |(old, old_message): &(&Finding, String)| old.rule == finding.rule && old.file == finding.file && *old_message == message;
        // Each old one stands for one of today.
        before.iter().position(same).map(|position| before.swap_remove(position)).is_some()
    };
    findings.iter().map(&mut is_older).collect()
}

/// The message without the lines it names: they move with what is written above them.
fn wherever(message: &str) -> String {
    let mut parts = message.split(" line ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + " line " + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::TreePath;
    use crate::manifest::Rule;

    #[test]
    fn what_was_there_before_is_left_out_as_often_as_it_was_there() {
        let finding = |file: &str, message: &str| Finding::of_file(Rule::DuplicateKey, &TreePath::root().child(file), message);
        let before = [finding("a", "`x` stands twice; the first is in line 3"), finding("b", "`y` is missing")];
        let now = [
            finding("a", "`x` stands twice; the first is in line 12"),
            finding("a", "`x` stands twice; the first is in line 20"),
            finding("b", "`y` is missing"),
            finding("c", "`y` is missing"),
        ];
        assert_eq!(older(&now, |finding| finding.file.as_str() == "b", &before), [true, false, false, false]);
    }
}
