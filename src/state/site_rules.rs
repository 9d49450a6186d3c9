//! What is judged of static files by their names and sizes: what browsers and the server will make of them.

use std::collections::BTreeMap;

use super::Contents;
use crate::key::printable;
use crate::manifest::{Application, Finding, Place, Rule};

/// What the server's guess by the first bytes gets wrong (server.md tF6), and what comes of it.
const GUESSED_WRONG: [(&str, &str); 5] = [
    ("svg", "as text/plain or text/xml: a page does not show it as a picture"),
    ("mjs", "as text/plain: browsers refuse to run it"),
    ("avif", "as a download: some browsers do not show it"),
    ("xhtml", "as text/plain: browsers show its source"),
    ("webmanifest", "as text/plain: some browsers do not install the page"),
];

/// The time for a request is 15 s; a line of 9 Mbit/s takes so many bytes in it.
const SLOW: u64 = 16 << 20;
const SECONDS: u64 = 15;
/// So many large files are named.
const SHOWN: usize = 5;

/// Everything about the files of the site that their listing tells.
pub(super) fn check(app: &Application, contents: &Contents, findings: &mut Vec<Finding>) {
    let Some(site) = &app.site else { return };
    let place = Place::new("spec.static.dir");
    let mut guessed: BTreeMap<usize, (&str, usize)> = BTreeMap::new();
    let mut slow = Vec::new();
    for (key, entry) in contents.files() {
        let ending = key.name.rsplit_once('.').map(|(_, ending)| ending);
        if let Some(kind) = ending.and_then(|ending| GUESSED_WRONG.iter().position(|(known, _)| ending.eq_ignore_ascii_case(known))) {
            guessed.entry(kind).or_insert((&key.name, 0)).1 += 1;
        }
        if entry.size >= SLOW {
            slow.push((key, entry));
        }
    }
    for (kind, (first, count)) in guessed {
        let (ending, what) = GUESSED_WRONG[kind];
        let more = if count > 1 { format!(" and {} more `.{ending}`", count - 1) } else { String::new() };
        let message = format!("the server sends `{}`{more} {what}", printable(first));
        let help = if ending == "mjs" { "rename it to `.js`" } else { "use a type that the server knows, or write it into the page" };
        findings.push(app.finding(Rule::SniffedType, &place, message).help(help));
    }
    slow.sort_by_key(|(_, entry)| std::cmp::Reverse(entry.size));
    for (key, entry) in slow.iter().take(SHOWN) {
        let needed = (entry.size * 8).div_ceil(SECONDS * 1_000_000);
        let message = format!("`{}` has {} MiB, and the server gives an upload {SECONDS} seconds", printable(&key.name), entry.size >> 20);
        findings.push(
            app.finding(Rule::SlowUpload, &place, message)
                .help(format!("it needs a line of {needed} Mbit/s: make it smaller, or sync from nearby")),
        );
    }
    if slow.len() > SHOWN {
        findings.push(app.finding(Rule::SlowUpload, &place, format!("{} more files are as large", slow.len() - SHOWN)));
    }
    let index = format!("{}index.html", site.prefix);
    let has_index = contents.files().keys().any(|key| key.name == index);
    if !has_index && !contents.files().is_empty() {
        let message = format!("there is no `index.html` in `{}`", site.dir);
        findings.push(app.finding(Rule::NoIndex, &place, message).help("fine for a directory of pictures or data; a site needs one"));
    }
}
