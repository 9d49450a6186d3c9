//! `db`: copies of the database of `watch --listen`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueHint};

use super::conclude;
use super::listen::{data_directory, unusable};
use super::settings::Output;
use crate::error::Error;
use crate::registry::{self, Contents};
use crate::report;

pub(super) const EXAMPLES: &str = "Examples:\n  zerverless-gitops db backup /backup/applications.db\n  zerverless-gitops db check\n  \
                                   zerverless-gitops db restore /backup/applications.db\n\nA backup may be made while the watch runs. It holds \
                                   credentials sealed: keep the key file elsewhere. After a restore everything is suspended; what is live and who \
                                   owns it is recorded on the orchestrator and stays.";

#[derive(Debug, Args)]
pub(super) struct DbArgs {
    #[command(subcommand)]
    verb: Verb,
    /// Where registrations and their history are kept [default: zerverless-gitops in the user's state directory]
    #[arg(long, global = true, value_name = "DIR", env = "ZERVERLESS_DATA_DIR", hide_env_values = true, value_hint = ValueHint::DirPath)]
    data_dir: Option<PathBuf>,
    /// File with the key that seals credentials in the database [default: key in the data directory]
    #[arg(long, global = true, value_name = "F", value_hint = ValueHint::FilePath)]
    key_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Write a copy; the watch goes on
    Backup {
        /// The new file
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
    /// Say whether the database is whole
    Check,
    /// Put a copy in its place, with everything suspended; no watch may use it
    Restore {
        /// The copy
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
}

/// Copies, checks or restores.
pub(super) async fn run(args: &DbArgs, output: &Output) -> ExitCode {
    conclude(carry_out(args, output).await, output)
}

async fn carry_out(args: &DbArgs, output: &Output) -> Result<String, Error> {
    let directory = data_directory(args.data_dir.as_deref())?;
    let (done, path, contents) = match &args.verb {
        Verb::Backup { file } => ("copied to", file.as_path(), registry::backup(&directory, file).await),
        Verb::Check => ("whole:", directory.as_path(), registry::check_directory(&directory).await),
        Verb::Restore { file } => ("restored from", file.as_path(), registry::restore(&directory, args.key_file.as_deref(), file).await),
    };
    let Contents { applications, runs } = contents.map_err(|error| unusable(&error))?;
    Ok(report::database(done, path, applications, runs, output.format))
}
