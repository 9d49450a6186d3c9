//! From the mirror of the file to an application: what the values mean, all mistakes at once.

use std::collections::HashMap;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::application::{Application, CodeSource, Content, DeclaredSource, Function, Place, Runtime, Static};
use super::finding::{Finding, MOST_FINDINGS, SourceText};
use super::keys::{API_VERSION, KIND, RUNTIMES};
use super::node::{Node, Value};
use super::rule::Rule;
use super::shape::{brief, nearest_word};
use super::{raw, shape};
use crate::files::{Excludes, TreePath};
use crate::key::{AppId, AppName, ItemKey, NameError, Namespace};

/// More patterns are refused: each becomes an expression that is asked about every file.
const MAX_EXCLUDES: usize = 1_000;
const MAX_EXCLUDE_BYTES: usize = 32 << 10;

/// None when something needed could not be read; the reason is among the findings then.
pub(super) fn validate(
    raw: &raw::Manifest,
    directory: &TreePath,
    text: SourceText,
    root: Arc<Node>,
    findings: &mut Vec<Finding>,
) -> Option<Application> {
    let mut check = Check { directory, text: &text, root: &root, findings };
    check.exact("apiVersion", &raw.api_version, API_VERSION);
    check.exact("kind", &raw.kind, KIND);
    let id = check.id(&raw.metadata);
    let functions = check.functions(&raw.spec.functions);
    let site = raw.spec.site.as_ref().map(|site| check.site(site));
    let source = raw.spec.source.as_ref().map(|source| DeclaredSource {
        repo_url: source.repo_url.clone(),
        branch: source.branch.clone(),
        subdir: source.subdir.clone(),
    });
    let site = match site {
        Some(None) => return None,
        Some(Some(site)) => Some(site),
        None => None,
    };
    Some(Application { id: id?, source, functions, site, text, root })
}

/// A manifest under validation, and what was found so far.
pub(super) struct Check<'a> {
    directory: &'a TreePath,
    text: &'a SourceText,
    root: &'a Node,
    pub(super) findings: &'a mut Vec<Finding>,
}

impl Check<'_> {
    pub(super) fn finding(&self, rule: Rule, place: &str, message: impl Into<String>) -> Finding {
        Finding::at(rule, self.text, self.root.locate(place, &self.text.text), message)
    }

    pub(super) fn add(&mut self, rule: Rule, place: &str, message: impl Into<String>, help: &str) {
        let finding = self.finding(rule, place, message);
        self.findings.push(if help.is_empty() { finding } else { finding.help(help) });
    }

    /// Whether a single value stands there. A key that is missing or holds something else was already found by its shape: nothing follows.
    pub(super) fn has(&self, place: &str) -> bool {
        self.root.at(place).is_some_and(|node| node.text().is_some() && !node.is_null())
    }

    fn exact(&mut self, place: &str, value: &str, wanted: &str) {
        if value != wanted && self.has(place) {
            self.add(Rule::WrongKind, place, format!("`{place}` is `{}`", brief(value)), &format!("write `{place}: {wanted}`"));
        }
    }

    fn id(&mut self, metadata: &raw::Metadata) -> Option<AppId> {
        let name = AppName::new(&metadata.name).map_err(|error| self.bad_name("metadata.name", &metadata.name, &error));
        let namespace =
            Namespace::new(&metadata.namespace).map_err(|error| self.bad_name("metadata.namespace", &metadata.namespace, &error));
        Some(AppId { namespace: namespace.ok()?, name: name.ok()? })
    }

    fn bad_name(&mut self, place: &str, value: &str, error: &NameError) {
        if self.has(place) {
            let help = match (error, label_like(value)) {
                (NameError::Reserved, _) => "choose another namespace".to_owned(),
                (_, Some(label)) => format!("write it like `{label}`"),
                (_, None) => "write it like `my-shop`".to_owned(),
            };
            self.add(Rule::BadName, place, format!("`{place}` `{}` {error}", brief(value)), &help);
        }
    }

    fn functions(&mut self, raw: &[raw::Function]) -> Vec<Function> {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let mut functions = Vec::with_capacity(raw.len());
        for (position, function) in raw.iter().enumerate() {
            let place = Place::new(format!("spec.functions.{position}"));
            let at = format!("spec.functions.{position}");
            let key = self.function_path(&at, function, &mut seen, position);
            let content = self.content(&at, function);
            let health = self.health(&at, function);
            if let (Some(key), Some(content)) = (key, content) {
                functions.push(Function { key, content, health, place });
            }
        }
        self.shared_containers(&functions);
        functions
    }

    fn function_path<'r>(
        &mut self,
        at: &str,
        function: &'r raw::Function,
        seen: &mut HashMap<&'r str, usize>,
        position: usize,
    ) -> Option<ItemKey> {
        let place = format!("{at}.path");
        if !self.has(&place) {
            return None;
        }
        let key = match ItemKey::function(&function.path) {
            Ok(key) => key,
            Err(error) => {
                let help = match error {
                    NameError::NotAbsolute | NameError::EmptySegment if function.path.contains(|c| c != '/') => {
                        // Of a URL only what stands behind the host, of `GET /hello` only what stands behind the method.
                        let path = function.path.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path);
                        let path = path.or_else(|| function.path.split_once(" /").map(|(_, path)| path)).unwrap_or(&function.path);
                        let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
                        format!("write `path: /{}`", brief(&names.join("/")))
                    }
                    _ => "write a path such as `/api/hello`".to_owned(),
                };
                self.add(Rule::BadFunctionPath, &place, format!("`path` `{}` {error}", brief(&function.path)), &help);
                return None;
            }
        };
        if let Some(first) = seen.insert(&function.path, position) {
            let first = self.root.locate(&format!("spec.functions.{first}.path"), &self.text.text);
            let message = if self.findings.len() < MOST_FINDINGS {
                format!(
                    "two functions have the path `{}`; the first is in line {}",
                    brief(&function.path),
                    self.text.position(first.start).0
                )
            } else {
                format!("two functions have the path `{}`", brief(&function.path))
            };
            let finding = self.finding(Rule::DuplicateFunction, &place, message).beside(first, "the first");
            self.findings.push(finding.help("one path holds one function: remove or rename one"));
        }
        Some(key)
    }

    /// Whether the function at `at` has one of `keys`, be it misspelt or with something that cannot be read: findings of their own.
    pub(super) fn means_one_of(&self, at: &str, keys: &[&str]) -> bool {
        let Some(Value::Map(entries)) = self.root.at(at).map(|node| &node.value) else { return true };
        let names = entries.iter().filter_map(|(key, _)| key.text());
        names.filter_map(shape::meant_function_key).any(|meant| keys.contains(&meant))
    }

    fn content(&mut self, at: &str, function: &raw::Function) -> Option<Content> {
        if function.runtime == "docker" {
            return self.image(at, function).map(Content::Docker);
        }
        let Some(runtime) = Runtime::parse(&function.runtime) else {
            if self.has(&format!("{at}.runtime")) {
                let message = format!("`{}` is not a runtime", brief(&function.runtime));
                let near = nearest_word(&function.runtime, RUNTIMES.into_iter());
                let meant = near.map(|word| format!("did you mean `{word}`? ")).unwrap_or_default();
                let help = format!("{meant}the runtimes are lua, javascript (js), python (py), docker and wasm");
                self.add(Rule::UnknownRuntime, &format!("{at}.runtime"), message, &help);
            }
            return None;
        };
        if runtime == Runtime::Wasm {
            let help = "use another runtime, or keep it for a server that can";
            self.add(Rule::NotInvocable, &format!("{at}.runtime"), "this server stores wasm functions and cannot call them", help);
        }
        let foreign = ["dockerfile", "context", "image", "port", "build"];
        self.foreign_keys(at, function, &foreign, &format!("a {runtime} function has no"));
        self.code(at, function).map(|code| Content::Code(runtime, code))
    }

    pub(super) fn foreign_keys(&mut self, at: &str, function: &raw::Function, keys: &[&str], says: &str) {
        for key in keys {
            let given = match *key {
                "code" => function.code.is_some(),
                "codeFile" => function.code_file.is_some(),
                "dockerfile" => function.dockerfile.is_some(),
                "context" => function.context.is_some(),
                "image" => function.image.is_some(),
                "port" => function.port.is_some(),
                _ => function.build.is_some(),
            };
            if given {
                self.add(Rule::FunctionContent, &format!("{at}.{key}"), format!("{says} `{key}`"), "remove it, or change the runtime");
            }
        }
    }

    fn code(&mut self, at: &str, function: &raw::Function) -> Option<CodeSource> {
        let help = "give `code: |` with the text below it, or `codeFile:` with a path, not both";
        match (&function.code, &function.code_file) {
            (Some(code), None) if code.trim().is_empty() => {
                self.add(Rule::FunctionContent, &format!("{at}.code"), "`code` is empty", "the server refuses a function without code");
                None
            }
            (Some(code), None) => Some(CodeSource::Inline(code.clone())),
            (None, Some(file)) => self.path(&format!("{at}.codeFile"), "codeFile", file).map(CodeSource::File),
            (Some(_), Some(_)) => {
                let code = self.root.locate(&format!("{at}.code"), &self.text.text);
                let finding = self.finding(Rule::FunctionContent, &format!("{at}.codeFile"), "both `code` and `codeFile` are given");
                self.findings.push(finding.beside(code, "and the code").help(help));
                None
            }
            (None, None) if self.means_one_of(at, &["code", "codeFile"]) => None,
            (None, None) => {
                self.add(Rule::FunctionContent, &format!("{at}.path"), "this function has neither `code` nor `codeFile`", help);
                None
            }
        }
    }

    fn site(&mut self, site: &raw::Static) -> Option<Static> {
        let dir = if self.has("spec.static.dir") { self.path("spec.static.dir", "dir", &site.dir) } else { None };
        let prefix = self.prefix(site.prefix.as_deref());
        if site.exclude.len() > MAX_EXCLUDES || site.exclude.iter().map(String::len).sum::<usize>() > MAX_EXCLUDE_BYTES {
            let message = format!("`exclude` has more than {MAX_EXCLUDES} patterns, or more than {MAX_EXCLUDE_BYTES} bytes of them");
            self.add(Rule::BadPattern, "spec.static.exclude", message, "name directories and endings instead of each file");
            return None;
        }
        let exclude = Excludes::new(&site.exclude).map_err(|position| {
            let place = format!("spec.static.exclude.{position}");
            self.add(Rule::BadPattern, &place, "this is not a gitignore pattern", "write it as in a .gitignore: `*.map`, `/drafts/`");
        });
        let include_ignored = match site.include_ignored {
            None => false,
            Some(raw::Literal::Flag(flag)) => flag,
            Some(_) => {
                let finding = self.finding(Rule::WrongType, "spec.static.includeIgnored", "`includeIgnored` is `true` or `false`");
                let value = finding.span.as_ref().map(|(_, span)| span.clone()).unwrap_or_default();
                self.findings.push(finding.hide(value).help("write `includeIgnored: true`, without quotes"));
                false
            }
        };
        Some(Static { dir: dir?, prefix: prefix?, exclude: exclude.ok()?, include_ignored })
    }

    fn prefix(&mut self, prefix: Option<&str>) -> Option<String> {
        let Some(given) = prefix else { return Some(String::new()) };
        let trimmed = given.trim_end_matches('/');
        let control = trimmed.chars().find(|c| c.is_control()).map(|c| NameError::Character(c.escape_default().to_string()));
        match control.map_or_else(|| ItemKey::static_file(trimmed).map(drop), Err) {
            Ok(()) => Some(format!("{trimmed}/")),
            Err(error) => {
                let message = format!("`prefix` `{}` {error}", brief(given));
                self.add(Rule::BadPath, "spec.static.prefix", message, "write it like `docs` or `docs/v2`");
                None
            }
        }
    }

    pub(super) fn path(&mut self, place: &str, key: &str, value: &str) -> Option<TreePath> {
        self.directory
            .join(value)
            .map_err(|error| {
                let help = "name it relative to the manifest's directory, inside the repository";
                self.add(Rule::BadPath, place, format!("`{key}` `{}` {error}", brief(value)), help);
            })
            .ok()
    }
}

/// The name that is nearest to `value` and may be used.
#[must_use]
pub fn label_like(value: &str) -> Option<String> {
    // `é` is `e` and an accent then.
    let plain: String = value.nfd().filter(|c| !is_combining_mark(*c)).collect();
    let lower = plain.to_lowercase().replace(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit(), "-");
    let words: Vec<&str> = lower.split('-').filter(|word| !word.is_empty()).collect();
    Some(words.join("-")).filter(|label| Namespace::new(label).is_ok())
}
