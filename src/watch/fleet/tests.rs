use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::*;
use crate::api::Config;
use crate::apply::Deployment;
use crate::event::Silent;
use crate::key::{AppName, Namespace};
use crate::pipeline::{Pace, Verify};
use crate::plan::{Policy, Rebuild};
use crate::registry::{Operation, Repository};
use crate::source::Limits;

/// Where nobody listens.
const NOBODY: &str = "http://127.0.0.1:1";

fn allowed() -> Allowed {
    Allowed { hosts: Vec::new(), loopback: true }
}

fn registration(name: &str) -> Registration {
    let app = AppId { namespace: Namespace::new("ns").expect("a name"), name: AppName::new(name).expect("a name") };
    let repository = Repository::parse(&format!("{NOBODY}/{name}.git"), &allowed()).expect("a repository");
    Registration { app, repository, branch: None, subdir: None }
}

fn settings(reporter: Box<ReporterOf>) -> FleetSettings {
    let second = Duration::from_secs(1);
    let stop = CancellationToken::new();
    let server = Config {
        url: NOBODY.to_owned(),
        token: None,
        insecure_token: false,
        ca_file: None,
        timeout: second,
        retries: 0,
        parallelism: 1,
        hurry: stop.clone(),
    };
    let options = Options {
        server,
        namespace: None,
        policy: Policy::default(),
        verify: Verify::default(),
        strict: false,
        lock_timeout: second,
        pace: Pace::default(),
        pinned: None,
        deployment: Deployment::default(),
        rebuild: Rebuild::No,
    };
    let git = source::Options { limits: Limits { silence: second, deadline: second }, ..source::Options::plain(Arc::new(Silent), stop) };
    FleetSettings {
        interval: Duration::from_secs(3600),
        on_drift: OnDrift::Apply,
        parallel: 1,
        options,
        git,
        allowed: allowed(),
        credentials: None,
        reporter,
        show: Box::new(|_, _, _| {}),
    }
}

async fn registry(directory: &Path) -> Registry {
    Registry::open(directory, None).await.expect("a database")
}

#[tokio::test]
async fn a_panic_in_one_application_is_told_as_its_own_and_stops_no_other() {
    let directory = tempfile::tempdir().expect("a directory");
    let registry = registry(directory.path()).await;
    let (bad, good) = (registration("bad"), registration("good"));
    for registration in [&bad, &good] {
        registry.register(registration, None).await.expect("it is kept");
    }
    let whose = bad.app.clone();
    let reporter = Box::new(move |app: &AppId| -> Arc<dyn Reporter> {
        assert_ne!(*app, whose, "a fault of this program");
        Arc::new(Silent)
    });
    let (stopper, stop) = Stop::pair();
    let (fleet, runner) = Fleet::new(registry.clone(), settings(reporter), stop);
    let looking = async {
        for _ in 0..2 {
            fleet.wake(&bad, Trigger::Asked).done().await;
            fleet.wake(&good, Trigger::Asked).done().await;
        }
        let known = |registration: &Registration| {
            let (registry, app) = (registry.clone(), registration.app.clone());
            async move { registry.get(&app).await.expect("a row").expect("it is registered").condition }
        };
        let (bad, good) = (known(&bad).await, known(&good).await);
        assert_eq!((bad.operation, good.operation), (Operation::Failed, Operation::Failed));
        assert!(bad.message.is_some_and(|message| message.contains("a fault of this program")));
        // Nobody listens there, which it found out.
        assert!(good.message.is_some_and(|message| message.contains("127.0.0.1:1")));
        stopper.stop(StopReason::Terminate);
    };
    let (ended, ()) = tokio::join!(runner.run(), looking);
    assert_eq!(ended.expect("it ran"), StopReason::Terminate);
}

#[tokio::test]
async fn one_push_wakes_whoever_comes_from_the_repository() {
    let directory = tempfile::tempdir().expect("a directory");
    let registry = registry(directory.path()).await;
    let (_stopper, stop) = Stop::pair();
    let (fleet, _runner) = Fleet::new(registry, settings(Box::new(|_| Arc::new(Silent))), stop);
    for name in ["one", "two"] {
        fleet.keep(&registration(name), None);
    }
    let push = |url: &str| Push { urls: vec![url.to_owned()], branch: "main".to_owned(), commit: None, default: None };
    assert_eq!(fleet.pushed(&push(&format!("{NOBODY}/one"))), 1);
    assert_eq!(fleet.pushed(&push(&format!("{NOBODY}/on"))), 0);
    assert_eq!(fleet.load(), (0, 1));
}
