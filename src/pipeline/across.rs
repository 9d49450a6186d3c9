//! What several manifests that are checked together do to each other.

use std::collections::BTreeMap;

use super::Checked;
use crate::key::ItemKey;
use crate::manifest::{Finding, Place, Rule};

/// So many items are named for a pair of applications.
const SHOWN: usize = 5;

/// Findings about checked manifests, each with its name for people: one application declared twice, one item declared by two applications. Beside each
/// finding the position of the manifest it belongs to, always the later one.
#[must_use]
pub fn across(checked: &[(&Checked, &str)]) -> Vec<(usize, Finding)> {
    if checked.len() < 2 {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (position, (later, _)) in checked.iter().enumerate() {
        for (earlier, name) in &checked[..position] {
            if earlier.id == later.id {
                let message = format!("`{}` is declared by {name} as well", later.id);
                let finding = later.app.finding(Rule::DuplicateApplication, &Place::new("metadata.name"), message);
                found.push((position, finding.help("give one of them another name, or another namespace")));
            }
        }
    }
    found.extend(shared_items(checked));
    found
}

fn shared_items(checked: &[(&Checked, &str)]) -> Vec<(usize, Finding)> {
    let mut owners: BTreeMap<(&str, &ItemKey), usize> = BTreeMap::new();
    let mut shown: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut found = Vec::new();
    for (position, (later, _)) in checked.iter().enumerate() {
        for key in later.contents.keys() {
            let first = *owners.entry((later.id.namespace.as_str(), key)).or_insert(position);
            let (earlier, name) = &checked[first];
            // What stands twice in one manifest, and one application declared twice, are findings of their own.
            if first == position || earlier.id == later.id {
                continue;
            }
            let count = shown.entry((first, position)).or_default();
            *count += 1;
            if *count <= SHOWN {
                let message = format!("the {key} is declared by `{}` in {name} as well", earlier.id);
                let finding = later.app.finding(Rule::DuplicateItem, &later.place(key), message);
                found.push((position, finding.help("two applications of one namespace need names of their own: move one of them")));
            }
        }
    }
    found
}
