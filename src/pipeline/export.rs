//! A namespace that was filled by hand becomes a source: a manifest, the code of its functions, and its static files.
//!
//! What was written is read back and has to declare exactly what was read, so that the first sync of it sends nothing.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::check::{Depth, check};
use super::record::connect;
use super::{Context, Options, lock};
use crate::api::{ApiError, Reader};
use crate::error::Error;
use crate::event::{Event, Reporter, Stage};
use crate::files::{is_lfs_pointer, is_private_name};
use crate::key::{AppId, ItemKey, ItemKind, Namespace};
use crate::live::LiveFunction;
use crate::manifest::{self, Finding, MANIFEST_FILE, Runtime, WRITTEN_SITE, WrittenFunction};
use crate::source::{self, Location, Source};

/// Downloads at once.
const AT_ONCE: usize = 8;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// What the manifest declares.
    pub app: AppId,
    /// Where.
    pub directory: PathBuf,
    /// How many functions.
    pub functions: u64,
    /// How many static files.
    pub files: u64,
    /// What a manifest cannot declare, and why; it stays where it is.
    pub left_out: Vec<(ItemKey, String)>,
}

/// Writes everything of the application's namespace to `directory`, which has to be empty or absent.
pub async fn export(app: &AppId, directory: &Path, git: &source::Options, options: &Options, context: &Context) -> Result<Exported, Error> {
    make_empty(directory)?;
    let client = connect(options, context).await?;
    let (reader, namespace) = (client.reader(), &app.namespace);
    let looking = async { tokio::try_join!(reader.functions(namespace, Runtime::canonical), reader.files(namespace)) };
    let (functions, files) = lock::unless_signalled(&context.stop, looking).await??;
    let mut left_out = Vec::new();
    let mut names = BTreeSet::new();
    let mut written = Vec::new();
    for (path, function) in &functions.own {
        match describe(path, function, &mut names) {
            Ok(described) => {
                if let Some(file) = &described.code_file {
                    write(&directory.join(file), function.code.as_deref().unwrap_or_default().as_bytes())?;
                }
                written.push(described);
            }
            Err(why) => left_out.push((ItemKey::live(ItemKind::Function, path), why)),
        }
    }
    let (wanted, unwanted): (Vec<&String>, Vec<&String>) = files.iter().partition(|name| refusal(name).is_none());
    left_out.extend(unwanted.iter().map(|name| (ItemKey::live(ItemKind::StaticFile, name), refusal(name).unwrap_or_default())));
    let download = download(&reader, namespace, &wanted, directory, &context.reporter);
    let refused = lock::unless_signalled(&context.stop, download).await??;
    let count = wanted.len() - refused.len();
    let ignores = wanted.iter().any(|name| matches!(name.rsplit('/').next(), Some(".gitignore" | ".ignore")));
    left_out.extend(refused);
    let site = (count > 0).then_some(ignores);
    write(&directory.join(MANIFEST_FILE), manifest::write(app, &written, site).as_bytes())?;
    read_back(directory, git, written.len(), count)?;
    let (functions, files) = (written.len() as u64, count as u64);
    Ok(Exported { app: app.clone(), directory: directory.to_owned(), functions, files, left_out })
}

fn make_empty(directory: &Path) -> Result<(), Error> {
    let cannot = |reason: String| Error::Usage(format!("cannot export to `{}`: {reason}", directory.display()));
    fs::create_dir_all(directory).map_err(|error| cannot(error.to_string()))?;
    let mut entries = fs::read_dir(directory).map_err(|error| cannot(error.to_string()))?;
    if entries.next().is_some() { Err(cannot("it is not empty".to_owned())) } else { Ok(()) }
}

/// How a live function is declared, or why it cannot be.
fn describe(path: &str, function: &LiveFunction, names: &mut BTreeSet<String>) -> Result<WrittenFunction, String> {
    ItemKey::function(path).map_err(|error| format!("its path {error}"))?;
    let base = WrittenFunction { path: path.to_owned(), runtime: function.runtime.clone(), code_file: None, image: None, port: None };
    let code = function.code.as_deref().ok_or_else(|| format!("its code has {} bytes", function.size))?;
    if function.runtime == "docker" {
        return Ok(WrittenFunction { image: Some(code.to_owned()), port: function.port, ..base });
    }
    let runtime =
        Runtime::parse(&function.runtime).ok_or_else(|| format!("its runtime is `{}`", crate::key::printable(&function.runtime)))?;
    if function.port.is_some() {
        return Err("it has a port, and is no container".to_owned());
    }
    if code.contains('\0') || is_lfs_pointer(code.as_bytes()) {
        return Err("its code is no text".to_owned());
    }
    Ok(WrittenFunction { code_file: Some(file_name(path, runtime, names)), ..base })
}

/// A plain name that no other function's code has.
fn file_name(path: &str, runtime: Runtime, names: &mut BTreeSet<String>) -> String {
    let ending = match runtime {
        Runtime::Lua => "lua",
        Runtime::JavaScript => "js",
        Runtime::Python => "py",
        Runtime::Wasm => "wasm",
    };
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    let stem: String = path.trim_start_matches('/').chars().map(plain).take(60).collect();
    let numbered = (1..).map(|number| if number == 1 { stem.clone() } else { format!("{stem}-{number}") });
    // Names that differ only in case are one on some file systems.
    let free = numbered.into_iter().find(|name| names.insert(name.to_ascii_lowercase()));
    format!("functions/{}.{ending}", free.unwrap_or(stem))
}

/// Why a file can lie on the server and in no source.
fn refusal(name: &str) -> Option<String> {
    if let Err(error) = ItemKey::static_file(name) {
        return Some(format!("its name {error}"));
    }
    name.split('/').any(is_private_name).then(|| "`.git` and `.zerverless` are never taken from a source".to_owned())
}

async fn download(
    reader: &Reader,
    namespace: &Namespace,
    names: &[&String],
    directory: &Path,
    reporter: &Arc<dyn Reporter>,
) -> Result<Vec<(ItemKey, String)>, Error> {
    reporter.event(&Event::StageStarted { stage: Stage::Verify, items: names.len() as u64, bytes: 0 });
    let downloads = stream::iter(names).map(async |name| {
        let file = directory.join(WRITTEN_SITE).join(name);
        let refused = one(reader, namespace, name, &file).await?;
        reporter.event(&Event::Progress { items: 1, bytes: 0 });
        Ok::<_, Error>(refused.map(|why| (ItemKey::live(ItemKind::StaticFile, name), why)))
    });
    let refused: Result<Vec<Option<_>>, Error> = downloads.buffer_unordered(AT_ONCE).try_collect().await;
    reporter.event(&Event::StageFinished(Stage::Verify));
    Ok(refused?.into_iter().flatten().collect())
}

async fn one(reader: &Reader, namespace: &Namespace, name: &str, file: &Path) -> Result<Option<String>, Error> {
    let create = || -> io::Result<Box<dyn Write + Send>> {
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        Ok(Box::new(File::create(file)?))
    };
    let downloaded = reader.download(namespace, name, create).await.map_err(|error| match error {
        ApiError::Config(reason) => Error::Unexpected(reason),
        other => other.into(),
    })?;
    let refused = match downloaded {
        None => Some("it was removed meanwhile".to_owned()),
        Some(_) if fs::read(file).is_ok_and(|bytes| is_lfs_pointer(&bytes)) => Some("it is a Git LFS pointer, not a file".to_owned()),
        Some(_) => None,
    };
    if refused.is_some() {
        // One that was never there is gone as well.
        let _ = fs::remove_file(file);
    }
    Ok(refused)
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |error: io::Error| Error::Unexpected(format!("cannot write `{}`: {error}", file.display()));
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    fs::write(file, bytes).map_err(failed)
}

/// What was written must declare what was read, and nothing else.
fn read_back(directory: &Path, git: &source::Options, functions: usize, files: usize) -> Result<(), Error> {
    let source = Source::open(&Location::Path(directory.to_owned()), git)?;
    let checked = check(&source, None, false, Depth::SmallFiles).map_err(Error::Invalid)?;
    let counts = checked.contents.counts();
    let errors: Vec<&Finding> =
        checked.findings.iter().filter(|finding| manifest::has_errors(std::slice::from_ref(finding), false)).collect();
    if errors.is_empty() && counts == (functions, files) {
        return Ok(());
    }
    let message = format!(
        "what was written to `{}` reads back as {} functions and {} files instead of {functions} and {files}; does Git ignore some of it there?",
        directory.display(),
        counts.0,
        counts.1
    );
    Err(Error::Unexpected(message))
}
