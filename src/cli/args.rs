//! Exactly what can be typed.

#![expect(clippy::option_option, reason = "clap's form of a flag that may stand without its value")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

use super::copies::Copies;
use super::engine::{DeployArgs, ImageArgs};
use super::git::Git;
use super::prune_images::PruneImagesArgs;
use crate::plan::DeleteLimit;
use crate::report::Format;

const ABOUT: &str = "Keeps a Zerverless namespace equal to what a Git repository declares in zerverless.yaml";

/// Exit statuses, for every long help.
fn statuses() -> String {
    format!("Exit status:\n{}", super::exit::table())
}

#[derive(Debug, Parser)]
#[command(name = "zerverless-gitops", version, about = ABOUT, after_long_help = statuses())]
#[command(propagate_version = true, max_term_width = 100, disable_help_subcommand = true)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Flags of every command.
#[derive(Debug, Args)]
pub(super) struct Global {
    /// Form of the result on stdout
    #[arg(short, long, global = true, env = "ZERVERLESS_OUTPUT", value_enum, default_value_t, hide_env_values = true)]
    pub(super) output: OutputFormat,
    /// Show every item and every request that is sent again
    #[arg(short, long, global = true, conflicts_with = "quiet", overrides_with = "verbose")]
    pub(super) verbose: bool,
    /// Show only what is wrong
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(super) color: Color,
    /// Show no progress bars
    #[arg(long, global = true)]
    pub(super) no_progress: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum OutputFormat {
    /// For people
    #[default]
    Human,
    /// For programs: one object
    Json,
    /// For a comment on a pull request
    Markdown,
    /// For code scanning: SARIF 2.1.0 (validate)
    Sarif,
    /// For the log of a GitHub workflow: annotations, and a step summary (validate, diff, sync)
    Github,
    /// For the test report of a CI server (validate)
    Junit,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check manifests and all that they name; no orchestrator needed
    #[command(after_long_help = "Examples:\n  zerverless-gitops validate\n  zerverless-gitops validate apps/web apps/api\n  \
                                 zerverless-gitops validate --recursive --strict\n  zerverless-gitops validate --recursive --changed-since origin/main")]
    Validate(ValidateArgs),
    /// Show what a sync would change, and why; only reads
    #[command(after_long_help = "Examples:\n  zerverless-gitops diff\n  zerverless-gitops diff --detailed-exitcode -o markdown \
                                 > comment.md\n  zerverless-gitops diff --server https://zv.example.org --token-file token")]
    Diff(DiffArgs),
    /// Make the namespace equal to the source
    #[command(after_long_help = "Examples:\n  zerverless-gitops sync --local examples/hello\n  zerverless-gitops sync --server \
                                 https://zv.example.org\n  zerverless-gitops sync --namespace preview-42\n  zerverless-gitops sync \
                                 --recursive apps/")]
    Sync(SyncArgs),
    /// Keep the namespace equal to the source: at every save, every few minutes, at SIGHUP
    #[command(after_long_help = super::watch::EXAMPLES)]
    Watch(super::watch::WatchArgs),
    /// Show and change the applications of a running `watch --listen`
    #[command(after_long_help = super::app::EXAMPLES)]
    App(super::app::AppArgs),
    /// Look after the database of `watch --listen`
    #[command(after_long_help = super::db::EXAMPLES)]
    Db(super::db::DbArgs),
    /// Show what is recorded of an application and whether it is still so; only reads
    #[command(after_long_help = super::status::EXAMPLES)]
    Status(super::status::StatusArgs),
    /// Show the last runs of an application
    #[command(after_long_help = super::history::EXAMPLES)]
    History(super::history::HistoryArgs),
    /// Show all applications of the orchestrator
    #[command(after_long_help = super::list::EXAMPLES)]
    List(super::list::ListArgs),
    /// Apply an older commit again, and refuse every sync until `resume`
    #[command(after_long_help = super::rollback::EXAMPLES)]
    Rollback(super::rollback::RollbackArgs),
    /// Allow syncs again after a rollback
    #[command(after_long_help = super::resume::EXAMPLES)]
    Resume(super::resume::ResumeArgs),
    /// Delete everything that an application placed, and its record
    #[command(after_long_help = super::destroy::EXAMPLES)]
    Destroy(super::destroy::DestroyArgs),
    /// Forget an application and keep everything it placed
    #[command(after_long_help = super::release::EXAMPLES)]
    Release(super::release::ReleaseArgs),
    /// Rebuild a damaged or lost record from the source and from what is live
    #[command(after_long_help = super::repair::EXAMPLES)]
    Repair(super::repair::RepairArgs),
    /// Declare the runs that hold an application dead
    #[command(after_long_help = super::unlock::EXAMPLES)]
    Unlock(super::unlock::UnlockArgs),
    /// Write a namespace that was filled by hand to a directory, as a source
    #[command(after_long_help = super::export::EXAMPLES)]
    Export(super::export::ExportArgs),
    /// Run the embedded orchestrator, for a dev box and for tests
    #[command(after_long_help = "Examples:\n  zerverless-gitops serve examples/hello\n  zerverless-gitops serve --local=/tmp/zv --listen \
                                 127.0.0.1:0\n\nIt keeps functions and static files, runs the functions, and shows everything on a page at its address.\nThere is no \
                                 authentication: keep it on a loopback address.")]
    Serve(ServeArgs),
    /// Remove images of Docker functions that nobody uses any more
    #[command(
        after_long_help = "Examples:\n  zerverless-gitops prune-images --dry-run\n  zerverless-gitops prune-images --keep 5\n\nOnly tags \
                                 that this program made are looked at. What a container uses or the orchestrator's functions name stays, and \
                                 so do the newest of each function."
    )]
    PruneImages(PruneImagesArgs),
    /// Follow the calls, errors and changes of a running `serve`
    #[command(after_long_help = "Examples:\n  zerverless-gitops logs examples/hello\n  zerverless-gitops logs --errors -o json")]
    Logs(super::logs::LogsArgs),
    /// Write a first manifest with comments, from the functions, Dockerfiles and static files that lie in a directory
    #[command(after_long_help = super::init::EXAMPLES)]
    Init(super::init::InitArgs),
    /// Print the JSON Schema of a manifest, for editors
    #[command(after_long_help = super::schema::EXAMPLES)]
    Schema,
    /// Explain a rule of validate, or list all of them
    #[command(after_long_help = "Examples:\n  zerverless-gitops explain\n  zerverless-gitops explain ZG012")]
    Explain(super::explain::ExplainArgs),
    /// Print a completion script
    #[command(after_long_help = "Example:\n  zerverless-gitops completions bash > /etc/bash_completion.d/zerverless-gitops")]
    Completions(CompletionsArgs),
    /// Print the man page, or write all man pages to a directory
    #[command(after_long_help = "Example:\n  zerverless-gitops man /usr/local/share/man/man1")]
    Man(ManArgs),
}

impl Command {
    /// Whether a result can be told in that form. The verbs of findings and changes, which have more of them, judge that themselves.
    pub(super) fn speaks(&self, format: Format) -> bool {
        let has_more = matches!(self, Self::Validate(_) | Self::Diff(_) | Self::Sync(_) | Self::Watch(_));
        let has_none = matches!(self, Self::Explain(_) | Self::Schema | Self::Serve(_) | Self::Completions(_) | Self::Man(_));
        has_more || has_none || matches!(format, Format::Human | Format::Json | Format::Markdown)
    }
}

/// Which applications.
#[derive(Debug, Clone, Args)]
pub(super) struct Sources {
    /// Directories that hold a manifest, manifests, or Git URLs: https://…, ssh://…, git@host:path, file:///…
    #[arg(value_name = "SOURCE", default_value = ".", value_hint = ValueHint::DirPath)]
    pub(super) sources: Vec<PathBuf>,
    /// The manifest's name in SOURCE
    #[arg(short, long, value_name = "F", default_value = crate::manifest::MANIFEST_FILE)]
    pub(super) file: String,
    /// Take every manifest below SOURCE; each application is a run of its own
    #[arg(long)]
    pub(super) recursive: bool,
    /// Treat warnings as errors
    #[arg(long)]
    pub(super) strict: bool,
    #[command(flatten)]
    pub(super) git: Git,
}

#[derive(Debug, Args)]
pub(super) struct ValidateArgs {
    #[command(flatten)]
    pub(super) sources: Sources,
    /// Tell only what is wrong in files that changed since REF, or went wrong since: since the commit where its history and HEAD's part
    #[arg(long, value_name = "REF", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(super) changed_since: Option<String>,
    #[command(flatten)]
    pub(super) copies: Copies,
}

/// How to reach the orchestrator.
#[derive(Debug, Args)]
#[command(next_help_heading = "Orchestrator")]
pub(super) struct Connection {
    /// URL of the orchestrator
    #[arg(long, value_name = "URL", env = "ZERVERLESS_URL", default_value = "http://localhost:8000", hide_env_values = true)]
    pub(super) server: String,
    /// File with a bearer token for a proxy in front [env: ZERVERLESS_TOKEN holds the token itself]
    #[arg(long, value_name = "F", value_hint = ValueHint::FilePath)]
    pub(super) token_file: Option<PathBuf>,
    /// Send the token over plain http to another machine
    #[arg(long)]
    pub(super) allow_insecure_token: bool,
    /// Extra root certificates, PEM
    #[arg(long, value_name = "F", env = "ZERVERLESS_CA_FILE", hide_env_values = true, value_hint = ValueHint::FilePath)]
    pub(super) ca_file: Option<PathBuf>,
    /// How many requests run side by side
    #[arg(long, value_name = "N", env = "ZERVERLESS_PARALLELISM", hide_env_values = true, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) parallelism: u16,
    /// How long one request may take
    #[arg(long, value_name = "D", env = "ZERVERLESS_TIMEOUT", hide_env_values = true, default_value = "30s", value_parser = duration)]
    pub(super) timeout: Duration,
    /// How often a request is sent again
    #[arg(long, value_name = "N", env = "ZERVERLESS_RETRIES", hide_env_values = true, default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=20))]
    pub(super) retries: u32,
}

/// Which orchestrator, and which part of it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Orchestrator")]
pub(super) struct Server {
    #[command(flatten)]
    pub(super) connection: Connection,
    /// Use the embedded orchestrator, with its data in DIR [default: .zerverless beside the manifest]
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, value_hint = ValueHint::DirPath)]
    pub(super) local: Option<Option<PathBuf>>,
    /// Deploy to another namespace than the manifest's, e.g. for a preview
    #[arg(short, long, value_name = "NS", env = "ZERVERLESS_NAMESPACE", hide_env_values = true)]
    pub(super) namespace: Option<String>,
    /// How the live state is proved
    #[arg(long, value_enum, default_value_t)]
    pub(super) verify: VerifyArg,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum VerifyArg {
    /// By the record alone
    Record,
    /// By the record and the listing of names
    #[default]
    List,
    /// By downloading every byte
    Full,
}

/// What a plan may do. Never taken from the environment: it must stand where the run is started.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "What may be changed")]
pub(super) struct Allow {
    /// Leave what is no longer declared
    #[arg(long)]
    pub(super) no_prune: bool,
    /// Leave files that no application placed
    #[arg(long)]
    pub(super) keep_unmanaged: bool,
    /// Delete at most that many items, or that share of them
    #[arg(long, value_name = "N|P%")]
    pub(super) max_delete: Option<DeleteLimit>,
    /// Allow all functions or all files to go
    #[arg(long)]
    pub(super) allow_empty: bool,
    /// Allow a commit that is older than the newest applied one
    #[arg(long)]
    pub(super) allow_older: bool,
    /// Take over a namespace that was filled by hand
    #[arg(long)]
    pub(super) adopt: bool,
    /// Seize items of other applications, or of the one called NAME
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true)]
    pub(super) take_over: Option<Option<String>>,
    /// Accept that the application comes from another repository or directory now
    #[arg(long)]
    pub(super) rebind: bool,
}

/// Whether somebody is asked.
#[derive(Debug, Default, Args)]
pub(super) struct Yes {
    /// Delete without asking; on a terminal it is asked once before anything is deleted
    #[arg(short, long)]
    pub(super) yes: bool,
}

#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    #[command(flatten)]
    pub(super) sources: Sources,
    /// Exit with 2 when changes are pending
    #[arg(long)]
    pub(super) detailed_exitcode: bool,
    #[command(flatten)]
    pub(super) copies: Copies,
    /// Show code in Markdown
    #[arg(long)]
    pub(super) show_code: bool,
    #[command(flatten)]
    pub(super) server: Server,
    #[command(flatten)]
    pub(super) allow: Allow,
}

#[derive(Debug, Args)]
pub(super) struct SyncArgs {
    #[command(flatten)]
    pub(super) sources: Sources,
    #[command(flatten)]
    pub(super) copies: Copies,
    /// Show code in Markdown
    #[arg(long)]
    pub(super) show_code: bool,
    /// How long to wait for another run; one that died on another machine is in the way for a minute
    #[arg(long, value_name = "D", env = "ZERVERLESS_LOCK_TIMEOUT", hide_env_values = true, default_value = "120s", value_parser = duration_or_none)]
    pub(super) lock_timeout: Duration,
    #[command(flatten)]
    pub(super) server: Server,
    #[command(flatten)]
    pub(super) allow: Allow,
    #[command(flatten)]
    pub(super) yes: Yes,
    #[command(flatten)]
    pub(super) deploy: DeployArgs,
    #[command(flatten)]
    pub(super) images: ImageArgs,
}

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// The directory of the manifest whose data is served
    #[arg(value_name = "SOURCE", default_value = ".", value_hint = ValueHint::DirPath)]
    pub(super) source: PathBuf,
    /// Where the data is [default: .zerverless in SOURCE]
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, value_hint = ValueHint::DirPath)]
    pub(super) local: Option<Option<PathBuf>>,
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8000")]
    pub(super) listen: SocketAddr,
    #[command(flatten)]
    pub(super) serving: super::orchestrator::Serving,
    #[command(flatten)]
    pub(super) engine: super::engine::EngineArgs,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// For which shell
    #[arg(value_enum)]
    pub(super) shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Write one page for each command here
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) directory: Option<PathBuf>,
}

/// Longer times are mistakes, and some cannot be added to a clock.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// `30s`, `2m`, `500ms`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    duration_or_none(text).and_then(|time| if time.is_zero() { Err("it must be more than nothing".to_owned()) } else { Ok(time) })
}

/// As [`duration`], and `0s`.
pub(super) fn duration_or_none(text: &str) -> Result<Duration, String> {
    let wrong = || "not a time such as 30s, 2m or 500ms".to_owned();
    let parsed: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
    let time = Duration::try_from(parsed).map_err(|_| wrong())?;
    if time > LONGEST { Err("at most 24h".to_owned()) } else { Ok(time) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times_have_a_unit() {
        assert_eq!(duration("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("2m"), Ok(Duration::from_mins(2)));
        assert_eq!(duration_or_none("0s"), Ok(Duration::ZERO));
        for bad in ["", "30", "-1s", "0s", "soon", "25h", "9223372036854775807s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
