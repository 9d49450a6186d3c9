//! `export`: a namespace that was filled by hand becomes a source.

use std::process::ExitCode;

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use super::args::Server;
use super::settings::Output;
use super::target::Session;
use super::{fail, finish};
use crate::error::{Class, Error};
use crate::key::Namespace;
use crate::pipeline::{self, Exported};
use crate::report;
use crate::source;

pub(super) const EXAMPLES: &str = "Examples:\n  zerverless-gitops export myuser my-services\n  cd my-services && zerverless-gitops sync\n\nThe first \
                                   sync of it sends nothing: it only records that what is there is its own.";

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// The namespace to read
    #[arg(value_name = "NAMESPACE")]
    pub(super) name: String,
    /// Where to write: a directory that is empty or not there yet
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) directory: PathBuf,
    /// The name of the application [default: the namespace]
    #[arg(long, value_name = "NAME")]
    pub(super) application: Option<String>,
    #[command(flatten)]
    pub(super) server: Server,
}

/// Writes the manifest and everything it names.
pub(super) async fn run(args: &ExportArgs, output: &Output) -> ExitCode {
    let exported = match export(args, output).await {
        Ok(exported) => exported,
        Err(error) => return fail(&error, output),
    };
    let class = (!exported.left_out.is_empty()).then_some(Class::Partial);
    finish(&report::exported(&exported, output.format, &output.printer), class, &output.printer)
}

async fn export(args: &ExportArgs, output: &Output) -> Result<Exported, Error> {
    let wrong = |text: &str, error| Error::Usage(format!("`{}` {error}", crate::key::printable(text)));
    let namespace = Namespace::new(&args.name).map_err(|error| wrong(&args.name, error))?;
    let name = args.application.as_deref().unwrap_or(&args.name);
    let name = crate::key::AppName::new(name).map_err(|error| wrong(name, error))?;
    let session = Session::open(&args.server, Path::new("."), None, output).await?;
    let app = crate::key::AppId { namespace, name };
    let git = source::Options::plain(session.context.reporter.clone(), session.options.server.hurry.clone());
    let exported = pipeline::export(&app, &args.directory, &git, &session.options, &session.context).await;
    session.close().await;
    exported
}
