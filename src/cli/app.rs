//! `app …`: the applications of a running `watch --listen`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand, ValueHint};
use serde_json::{Map, Value, json};

use super::args::duration_or_none;
use super::settings::{Output, token};
use super::{fail, finish};
use crate::control::{Client, ClientError};
use crate::error::{Class, Error};
use crate::report;

pub(super) const EXAMPLES: &str = "Examples:\n  zerverless-gitops app list\n  zerverless-gitops app register my-services -n myuser --repo \
                                   https://github.com/myuser/my-repo --branch main\n  zerverless-gitops app sync myuser/my-services\n  \
                                   zerverless-gitops app delete my-services --prune\n\n`watch --listen` is the other side of it.";

#[derive(Debug, Args)]
pub(super) struct AppArgs {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    api: Api,
}

/// Which process is asked.
#[derive(Debug, Args)]
#[command(next_help_heading = "Watch process")]
struct Api {
    /// Where `watch --listen` serves its API
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "ZERVERLESS_GITOPS_API",
        default_value = "http://127.0.0.1:8400",
        hide_env_values = true
    )]
    api: String,
    /// File with a token for it [env: ZERVERLESS_GITOPS_API_TOKEN holds the token itself]
    #[arg(long, global = true, value_name = "F", value_hint = ValueHint::FilePath)]
    api_token_file: Option<PathBuf>,
    /// Send the token over plain http to another machine
    #[arg(long, global = true)]
    allow_insecure_token: bool,
    /// The application's namespace, where its name alone does not say which is meant
    #[arg(short, long, global = true, value_name = "NS")]
    namespace: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show all applications
    List,
    /// Show one application
    Get(Named),
    /// Register an application
    Register {
        #[command(flatten)]
        named: Named,
        /// URL of its repository
        #[arg(long, value_name = "URL")]
        repo: String,
        /// The branch that is followed [default: the one that HEAD of the repository names]
        #[arg(long, value_name = "B")]
        branch: Option<String>,
        /// The manifest's directory
        #[arg(long, value_name = "D")]
        subdir: Option<String>,
    },
    /// Look at an application now, and wait for what comes of it
    Sync {
        #[command(flatten)]
        named: Named,
        /// How long to wait
        #[arg(long, value_name = "D", default_value = "60s", value_parser = duration_or_none)]
        wait: Duration,
    },
    /// Sync nothing until `app resume`
    Suspend {
        #[command(flatten)]
        named: Named,
        /// Why; shown to whoever asks
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Sync again
    Resume(Named),
    /// Keep an application no longer
    Delete {
        #[command(flatten)]
        named: Named,
        /// Delete everything it placed as well
        #[arg(long)]
        prune: bool,
    },
}

/// Which application.
#[derive(Debug, Args)]
struct Named {
    /// NAME, or NAMESPACE/NAME
    #[arg(value_name = "NAME")]
    name: String,
}

/// Asks, and shows the answer.
pub(super) async fn run(args: &AppArgs, output: &Output) -> ExitCode {
    match ask(args).await {
        Ok((answer, all)) => {
            let text = match &all {
                Some(applications) => report::applications(applications, output.format, &output.printer),
                None if answer.is_null() => String::new(),
                None => report::application(&answer, output.format, &output.printer),
            };
            let class = if matches!(args.verb, Verb::Sync { .. }) { ended(&answer) } else { None };
            finish(&text, class, &output.printer)
        }
        Err(error) => fail(&error, output),
    }
}

/// The answer, and all applications where these were asked for.
async fn ask(args: &AppArgs) -> Result<(Value, Option<Vec<Value>>), Error> {
    let api = &args.api;
    let token = token("--api-token-file", api.api_token_file.as_deref(), "ZERVERLESS_GITOPS_API_TOKEN")?;
    let client = Client::new(&api.api, token.as_ref(), api.allow_insecure_token).map_err(refused)?;
    let call = async |method, named: &Named, verb: Option<&str>, query: &[(&str, String)], body: Option<Value>, wait| {
        let (namespace, name) = api.of(named);
        let namespace = namespace.map(|namespace| ("namespace", namespace));
        let query: Vec<_> = namespace.into_iter().chain(query.iter().cloned()).collect();
        let path: Vec<&str> = [name.as_str()].into_iter().chain(verb).collect();
        let answered = client.ask(method, &path, &query, body.as_ref(), wait).await;
        Ok::<_, Error>((answered.map_err(refused)?.1, None))
    };
    match &args.verb {
        Verb::List => {
            let query: Vec<_> = api.namespace.iter().map(|namespace| ("namespace", namespace.clone())).collect();
            let (_, mut answer) = client.ask("GET", &[], &query, None, Duration::ZERO).await.map_err(refused)?;
            let all = answer["applications"].as_array_mut().map(std::mem::take).unwrap_or_default();
            Ok((answer, Some(all)))
        }
        Verb::Get(named) => call("GET", named, None, &[], None, Duration::ZERO).await,
        Verb::Register { named, repo, branch, subdir } => {
            let (namespace, name) = api.of(named);
            let namespace = namespace.ok_or_else(|| Error::Usage("say which namespace: --namespace NS, or NS/NAME".to_owned()))?;
            let mut source = Map::new();
            let given = [("repoURL", Some(repo)), ("branch", branch.as_ref()), ("subdir", subdir.as_ref())];
            source.extend(given.into_iter().filter_map(|(key, value)| Some((key.to_owned(), json!(value?)))));
            let body = json!({"name": name, "namespace": namespace, "source": source});
            let (_, answer) = client.ask("POST", &[], &[], Some(&body), Duration::ZERO).await.map_err(refused)?;
            Ok((answer, None))
        }
        Verb::Sync { named, wait } => call("POST", named, Some("sync"), &[("wait", format!("{}s", wait.as_secs()))], None, *wait).await,
        Verb::Suspend { named, reason } => {
            let body = reason.as_ref().map_or_else(|| json!({}), |reason| json!({"reason": reason}));
            call("POST", named, Some("suspend"), &[], Some(body), Duration::ZERO).await
        }
        Verb::Resume(named) => call("POST", named, Some("resume"), &[], None, Duration::ZERO).await,
        Verb::Delete { named, prune } => call("DELETE", named, None, &[("prune", prune.to_string())], None, Duration::from_secs(60)).await,
    }
}

impl Api {
    /// Namespace and name of what was typed.
    fn of(&self, named: &Named) -> (Option<String>, String) {
        match named.name.split_once('/') {
            Some((namespace, name)) => (Some(namespace.to_owned()), name.to_owned()),
            None => (self.namespace.clone(), named.name.clone()),
        }
    }
}

/// How a sync that was waited for ended.
fn ended(application: &Value) -> Option<Class> {
    match application["operation"].as_str() {
        Some("Succeeded") => None,
        Some("Partial") => Some(Class::Partial),
        Some("Running" | "Pending") => Some(Class::Busy),
        _ => Some(Class::Unexpected),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the form that `map_err` wants")]
fn refused(error: ClientError) -> Error {
    let text = error.to_string();
    match error {
        ClientError::Config(_) | ClientError::Refused { status: 400, .. } => Error::Usage(text),
        ClientError::Unreachable { .. } => {
            Error::NotServed(format!("{text}; `zerverless-gitops watch --listen` serves it, --api says where"))
        }
        ClientError::Stranger(_) | ClientError::Refused { status: 401 | 403 | 500.., .. } => Error::NotServed(text),
        _ => Error::Unexpected(text),
    }
}
