//! What is judged of the code of functions: whether its language can read it, and whether the server can call it.

use std::collections::BTreeSet;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::Contents;
use crate::files::{Excludes, Filter, Tree, TreePath};
use crate::key::printable;
use crate::manifest::{Application, CodeSource, Content, Finding, Function, Place, Rule, Runtime, SourceText};
use crate::syntax::{self, Handle, Language, Outline};

/// The most bytes that a worker takes in one message (server.md tR1), and what the message holds besides code and request: the names of its fields, an id
/// of 36 characters, the type of the job.
const WORKER_LIMIT: usize = 32_768;
const ENVELOPE: usize = 170;
/// More findings than this are not read by anybody.
const ENOUGH: usize = 100;
/// A Dockerfile of more bytes is none.
const MAX_DOCKERFILE: u64 = 1 << 20;

/// Code as it is read: its language, and where a place in it is shown.
struct Code<'a> {
    app: &'a Application,
    function: &'a Function,
    language: Language,
    /// Without a byte order mark.
    text: &'a str,
    /// None when it stands in the manifest.
    file: Option<SourceText>,
    bom: usize,
}

impl Code<'_> {
    fn finding(&self, rule: Rule, part: &Range<usize>, message: String) -> Finding {
        let place = self.function.place.key("code");
        match &self.file {
            Some(source) => Finding::at(rule, source, self.moved(part), message),
            None => self.app.finding_inside(rule, &place, &self.moved(part), message),
        }
    }

    fn beside(&self, finding: Finding, part: &Range<usize>, what: &'static str) -> Finding {
        let place = match &self.file {
            Some(_) => self.moved(part),
            None => self.app.inside(&self.function.place.key("code"), &self.moved(part)),
        };
        finding.beside(place, what)
    }

    fn moved(&self, part: &Range<usize>) -> Range<usize> {
        part.start + self.bom..part.end + self.bom
    }

    /// Points at the code as a whole, where the manifest names it.
    fn place(&self) -> Place {
        self.function.place.key(if self.file.is_some() { "codeFile" } else { "code" })
    }
}

fn language(runtime: Runtime) -> Option<Language> {
    match runtime {
        Runtime::Lua => Some(Language::Lua),
        Runtime::JavaScript => Some(Language::JavaScript),
        Runtime::Python => Some(Language::Python),
        Runtime::Wasm => None,
    }
}

/// Everything that would make calls fail. A file that several functions take their code from is judged once.
pub(super) fn check(app: &Application, tree: &dyn Tree, contents: &Contents, findings: &mut Vec<Finding>) {
    let codes = codes(app, contents);
    // Whoever has as many mistakes to correct has enough to do.
    if findings.len() >= ENOUGH {
        return;
    }
    let texts: Vec<(Language, &str)> = codes.iter().map(|code| (code.language, code.text)).collect();
    match syntax::read(&texts) {
        Some(readings) => {
            for (code, reading) in codes.iter().zip(readings) {
                if findings.len() >= ENOUGH {
                    let message = "code from here on was not judged: there are too many findings already";
                    findings.push(app.finding(Rule::CodeSyntax, &code.place(), message).help("correct these first, and run it again"));
                    return;
                }
                match reading {
                    Ok(outline) => judge(code, outline, findings),
                    Err(mistake) => findings.push(refused(code, mistake)),
                }
            }
        }
        None if texts.is_empty() => {}
        None => findings.push(app.finding(Rule::BadCode, &codes[0].place(), "there is not enough memory to check the code")),
    }
    findings.extend(codes.iter().filter_map(too_large));
    for function in &app.functions {
        if let Content::Docker(image) = &function.content
            && let Some(build) = &image.build
        {
            dockerfile(tree, &build.dockerfile, findings);
        }
    }
    twins(app, findings);
}

fn codes<'a>(app: &'a Application, contents: &'a Contents) -> Vec<Code<'a>> {
    let mut seen = BTreeSet::new();
    let mut codes = Vec::new();
    for function in &app.functions {
        let Content::Code(runtime, source) = &function.content else { continue };
        let (Some(language), Some(code)) = (language(*runtime), contents.code(&function.key)) else { continue };
        let text = code.trim_start_matches('\u{feff}');
        let file = match source {
            CodeSource::File(path) if !seen.insert((language, path)) => continue,
            CodeSource::File(path) => Some(SourceText { path: path.clone(), text: code.into() }),
            CodeSource::Inline(_) => None,
        };
        codes.push(Code { app, function, language, text, file, bom: code.len() - text.len() });
    }
    codes
}

fn refused(code: &Code<'_>, mistake: syntax::Mistake) -> Finding {
    let what = match code.language {
        Language::Lua => "Lua",
        Language::JavaScript => "JavaScript",
        Language::Python => "Python",
    };
    let finding = code.finding(Rule::CodeSyntax, &mistake.span, format!("not valid {what}: {}", printable(&mistake.message)));
    let finding = match &mistake.opened {
        Some(opened) => code.beside(finding, opened, "opened here"),
        None => finding,
    };
    match mistake.help {
        Some(help) => finding.help(help),
        None => finding,
    }
}

fn judge(code: &Code<'_>, outline: Outline, findings: &mut Vec<Finding>) {
    let name = printable(&code.function.key.name);
    if let Some(at) = outline.last_return {
        let message = format!("`{name}` ends with a `return` outside of every function");
        let help = "the server appends `return handle(INPUT)`, so every call would fail: remove the last return";
        findings.push(code.finding(Rule::LuaReturn, &at, message).help(help));
        // A module that is returned has its `handle` inside: one mistake, not two.
        return;
    }
    if let Some(at) = outline.future_import {
        let message = "the server puts lines in front of the code, and this import must be the first";
        findings.push(code.finding(Rule::FutureImport, &at, message.to_owned()).help("remove it: Python 3 has what it turns on"));
    }
    match outline.handle {
        Handle::There => {}
        Handle::Missing(Some((other, at))) => {
            let message = format!("`{name}` has no function `handle`, which the server calls");
            findings.push(code.finding(Rule::NoHandler, &at, message).help(format!("rename `{}` to `handle`", printable(&other))));
        }
        Handle::Missing(None) => {
            let message = format!("`{name}` has no function `handle`, which the server calls");
            let help = if code.language == Language::Lua {
                "define `function handle(req) … end`"
            } else {
                "define `function handle(req) { … }`"
            };
            findings.push(code.app.finding(Rule::NoHandler, &code.place(), message).help(help));
        }
        Handle::NeverCalled(at) => {
            let message = format!("`handle` of `{name}` is never called: the server runs Python code from top to bottom");
            findings.push(code.finding(Rule::NoHandler, &at, message).help("end with `print(handle(INPUT))`, or print the answer as JSON"));
        }
    }
}

/// Counted as it is sent: a string of JSON, with what the server appends.
fn too_large(code: &Code<'_>) -> Option<Finding> {
    let appended = match code.language {
        Language::Lua => "\nreturn handle(INPUT)".len() + 1,
        Language::JavaScript => "\nhandle(INPUT)".len() + 1,
        Language::Python => 0,
    };
    let bytes = ENVELOPE + appended + code.text.chars().map(in_json).sum::<usize>();
    if bytes <= WORKER_LIMIT {
        return None;
    }
    let name = printable(&code.function.key.name);
    let message = format!("a call of `{name}` is a message of at least {bytes} bytes, and a worker takes {WORKER_LIMIT}");
    Some(
        code.app
            .finding(Rule::CodeTooLarge, &code.place(), message)
            .help("make the code smaller: take data and comments out, or minify it"),
    )
}

/// How long Go writes a character in a string of JSON.
fn in_json(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => 6,
        c if c < ' ' => 6,
        c => c.len_utf8(),
    }
}

/// One that cannot be read at all is missing, no file or no text, which was found already.
fn dockerfile(tree: &dyn Tree, path: &TreePath, findings: &mut Vec<Finding>) {
    let Ok(bytes) = tree.read(path, MAX_DOCKERFILE) else { return };
    let Ok(text) = String::from_utf8(bytes) else { return };
    let source = SourceText { path: path.clone(), text: text.trim_start_matches('\u{feff}').into() };
    if findings.iter().any(|finding| finding.file == *path) {
        return;
    }
    if let Err(mistake) = syntax::check_dockerfile(&source.text) {
        let finding = Finding::at(Rule::DockerfileSyntax, &source, mistake.span, mistake.message);
        findings.push(match mistake.help {
            Some(help) => finding.help(help),
            None => finding,
        });
    }
}

/// Paths that people take for one.
fn twins(app: &Application, findings: &mut Vec<Finding>) {
    let mut seen = std::collections::BTreeMap::new();
    for function in &app.functions {
        let folded = function.key.name.nfc().collect::<String>().to_lowercase();
        let Some(twin) = seen.insert(folded, function) else { continue };
        if twin.key != function.key {
            let message =
                format!("`{}` and `{}` differ only in capitals or accents", printable(&twin.key.name), printable(&function.key.name));
            findings.push(app.finding(Rule::TwinNames, &function.place.key("path"), message).help("rename one of them"));
        }
    }
}

/// What may be meant, and may be a mistake.
pub(super) fn hints(app: &Application, tree: &dyn Tree, findings: &mut Vec<Finding>) {
    falls_through(app, findings);
    unused(app, tree, findings);
}

/// Calls below one path that come to another, told once for each path that others lie below.
fn falls_through(app: &Application, findings: &mut Vec<Finding>) {
    let paths: BTreeSet<&str> = app.functions.iter().map(|function| function.key.name.as_str()).collect();
    for function in &app.functions {
        let path = function.key.name.as_str();
        let below = format!("{path}/");
        let Some(longer) = paths.range(below.as_str()..).next().filter(|longer| longer.starts_with(&below)) else { continue };
        let message = format!("a call below `{}` that is not `{}` comes to `{0}`", printable(path), printable(longer));
        let help = "that is fine when its handler expects it";
        findings.push(app.finding(Rule::PathFallsThrough, &function.place.key("path"), message).help(help));
    }
}

/// So many files are named; there may be very many.
const SHOWN: usize = 10;

/// Files of code beside used ones that nothing names.
fn unused(app: &Application, tree: &dyn Tree, findings: &mut Vec<Finding>) {
    let used: BTreeSet<&TreePath> = app.code_files().collect();
    let ending = |path: &TreePath| path.as_str().rsplit_once('.').map(|(_, ending)| ending.to_owned());
    let places: BTreeSet<(TreePath, String)> = used.iter().filter_map(|path| Some((path.parent()?, ending(path)?))).collect();
    let site = app.site.as_ref().map(|site| &site.dir);
    let nothing_deeper = ["*/".to_owned()];
    let Ok(excludes) = Excludes::new(&nothing_deeper) else { return };
    for (directory, wanted) in places {
        let is_site =
            site.is_some_and(|site| site.is_root() || directory == *site || directory.as_str().starts_with(&format!("{}/", site.as_str())));
        let filter = Filter { excludes: &excludes, include_ignored: false };
        let Some(listing) = tree.list(&directory, &filter).ok().filter(|_| !is_site) else { continue };
        let others = listing.entries.iter().filter(|entry| !used.contains(&entry.path) && ending(&entry.path).as_ref() == Some(&wanted));
        for entry in others.take(SHOWN) {
            let finding = Finding::of_file(Rule::UnusedCode, &entry.path, "no function of the manifest uses this file");
            findings.push(finding.help("name it with `codeFile`, or remove it"));
        }
    }
}
