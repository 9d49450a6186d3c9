//! `init`: a first manifest with comments, from what lies in a directory, checked as soon as it is written.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueHint};
use tokio_util::sync::CancellationToken;

use super::settings::Output;
use super::validate::judge;
use super::{fail, finish};
use crate::error::{Class, Error};
use crate::key::{AppId, AppName, Namespace, printable};
use crate::manifest::{self, MANIFEST_FILE, SCHEMA_FILE, has_errors, label_like};
use crate::report::{self, Initiated};
use crate::source::{self, Location, Source};
use crate::state;

pub(super) const EXAMPLES: &str = "Examples:\n  zerverless-gitops init\n  zerverless-gitops init apps/shop --namespace me\n\nNothing that is there is \
                                   overwritten. Beside the manifest lies its JSON Schema, which editors use; commit both.";

/// What an application is called where nothing tells a name.
const NAMELESS: &str = "my-app";

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The directory to look through and to write to
    #[arg(value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
    directory: PathBuf,
    /// The application's name [default: the directory's]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Its namespace [default: the owner of the repository, else the name]
    #[arg(short, long, value_name = "NS", env = "ZERVERLESS_NAMESPACE", hide_env_values = true)]
    namespace: Option<String>,
}

/// Looks, writes and checks.
pub(super) fn run(args: &InitArgs, output: &Output) -> ExitCode {
    match init(args, output) {
        Ok(initiated) => {
            let class = has_errors(&initiated.check.findings, false).then_some(Class::Manifest);
            finish(&report::initiated(&initiated, output.format, output.detail, &output.printer), class, &output.printer)
        }
        Err(error) => fail(&error, output),
    }
}

fn init(args: &InitArgs, output: &Output) -> Result<Initiated, Error> {
    let location = Location::Path(args.directory.clone());
    let source = Source::open(&location, &plain(output))?;
    let directory = source.manifest.parent().unwrap_or_default();
    let on_disk = source.on_disk(&directory).ok_or_else(|| Error::Usage("init writes into a directory of a working tree".to_owned()))?;
    let app = named(args, &on_disk, &source.identity)?;
    if on_disk.join(MANIFEST_FILE).symlink_metadata().is_ok() {
        return Err(exists(&source.display(&source.manifest)));
    }
    let unreadable = |error: crate::files::FileError| Error::Unexpected(error.to_string());
    let proposal = state::discover(source.tree.as_ref(), &directory, app.name.as_str()).map_err(unreadable)?;
    let url = repository(&source.identity).map(|place| format!("https://{place}"));
    let text = manifest::scaffold(&app, &proposal, url.as_deref());
    write_new(&on_disk.join(MANIFEST_FILE), &text)?;
    let mut written = vec![source.display(&source.manifest)];
    match write_new(&on_disk.join(SCHEMA_FILE), &report::schema()) {
        Ok(()) => written.push(source.display(&directory.child(SCHEMA_FILE))),
        // One that is there is the user's.
        Err(Error::Usage(_)) => {}
        Err(error) => return Err(error),
    }
    // Once more from the start: what was read before knows nothing of the new files.
    let (check, _) = judge(Source::open(&location, &plain(output)), false);
    Ok(Initiated { app, proposal, written, check })
}

/// Namespace and name: what was typed, else what the repository and the directory are called.
fn named(args: &InitArgs, directory: &Path, identity: &str) -> Result<AppId, Error> {
    let usage = |flag: &str, text: &str, error| Error::Usage(format!("{flag} `{}` {error}", printable(text)));
    let called = directory.file_name().and_then(|name| label_like(&name.to_string_lossy())).unwrap_or_else(|| NAMELESS.to_owned());
    let name = args.name.clone().unwrap_or(called);
    let owner =
        repository(identity).filter(|place| place.matches('/').count() > 1).and_then(|place| place.rsplit('/').nth(1)).and_then(label_like);
    let namespace = args.namespace.clone().filter(|given| !given.is_empty());
    let namespace = namespace.or(owner).or_else(|| label_like(&name)).unwrap_or_else(|| NAMELESS.to_owned());
    Ok(AppId {
        name: AppName::new(&name).map_err(|error| usage("--name", &name, error))?,
        namespace: Namespace::new(&namespace).map_err(|error| usage("--namespace", &namespace, error))?,
    })
}

/// Host and path of the repository that the files come from; a directory of this machine is none.
fn repository(identity: &str) -> Option<&str> {
    let place = identity.split('#').next().unwrap_or_default();
    (!place.starts_with("file://")).then_some(place)
}

fn write_new(path: &Path, text: &str) -> Result<(), Error> {
    let written = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(text.as_bytes())?;
        file.flush()
    };
    let shown = || printable(&path.to_string_lossy()).into_owned();
    written().map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => exists(&shown()),
        _ => Error::Unexpected(format!("cannot write {}: {error}", shown())),
    })
}

fn exists(file: &str) -> Error {
    Error::Usage(format!("{file} is there already; `zerverless-gitops validate` checks it"))
}

fn plain(output: &Output) -> source::Options {
    source::Options::plain(Arc::new(output.terminal()), CancellationToken::new())
}
