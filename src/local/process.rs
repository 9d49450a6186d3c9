//! One process owns a data directory; others that want it find the owner and use it.
//!
//! The owner holds `owner.lock`, binds, and writes the URL to `endpoint`. A client takes a share of `clients.lock`, then reads the endpoint, then asks
//! the server there for its node id: an endpoint that outlived a killed owner names a server that is gone or somebody else. An owner that ends removes
//! the endpoint first and then waits for `clients.lock` to be free: a client that read the endpoint before holds its share by then, and one that comes
//! after finds no endpoint, lets go, and tries again until it is the owner itself. The locks belong to open files, so they end with the process,
//! however it ends.
//!
//! A client that runs for long ([`Local::run_until`]) lets go when the owner wants to end, and takes its place on the same address.

use std::fs::File;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::LocalError;
use super::database::Database;
use super::directory::{Directory, Endpoint};
use super::events::Events;
use super::follow;
use super::functions::{DEADLINE, Replies, Runner};
use super::server::{self, Orchestrator};
use super::storage::Storage;
use super::upload::Incoming;

/// How long an owner may be silent, starting or ending, before it is an error: as long as a run waits for another one.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at a lock or the endpoint.
const LOOK: Duration = Duration::from_millis(20);
/// Between two looks of a client that only waits for the owner to end.
const IDLE_LOOK: Duration = Duration::from_millis(200);
/// How long a running owner may take to say who it is.
const ANSWER: Duration = Duration::from_secs(5);
/// How long requests under way may take when the server stops.
const LAST_REQUESTS: Duration = Duration::from_secs(5);

/// How a new server is run. It has no effect on one that runs already.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; a free port of the loopback interface when there is none.
    pub listen: Option<SocketAddr>,
    /// This program, which is started again, with [`super::WORKER`] as its argument, to run functions. Without it calls are answered with 503.
    pub program: Option<PathBuf>,
    /// The socket of the Docker engine that runs containers. Without it calls of Docker functions are answered with 503.
    pub engine: Option<PathBuf>,
    /// How long a call of a function may take.
    pub deadline: Duration,
    /// How the results of functions are sent.
    pub replies: Replies,
    /// Whether pages of the site load themselves again after a change.
    pub live_reload: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { listen: None, program: None, engine: None, deadline: DEADLINE, replies: Replies::Raw, live_reload: false }
    }
}

/// A use of the embedded orchestrator of one data directory: its owner, or a client of the process that is.
#[derive(Debug)]
pub struct Local {
    directory: Directory,
    options: Options,
    endpoint: Endpoint,
    role: Role,
}

#[derive(Debug)]
enum Role {
    Owner(Owner),
    /// Holds its share of the lock that keeps the owner from ending.
    Client {
        _share: File,
    },
}

/// The running server. Fields are dropped in order: the lock goes last.
struct Owner {
    orchestrator: Arc<Orchestrator>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<std::io::Result<()>>,
    _lock: File,
}

/// Becomes the owner of `dir` and serves it in the background, or finds the process that does. `dir` is made when missing.
pub async fn attach(dir: &Path, options: Options) -> Result<Local, LocalError> {
    let directory = Directory::open(dir)?;
    let started = Instant::now();
    loop {
        if let Some(lock) = directory.try_own()? {
            return own(directory, options, lock).await;
        }
        if let Some((share, endpoint)) = join(&directory).await? {
            return Ok(Local { directory, options, endpoint, role: Role::Client { _share: share } });
        }
        if started.elapsed() > PATIENCE {
            return Err(LocalError::Silent { path: directory.path().to_owned(), seconds: PATIENCE.as_secs() });
        }
        sleep(LOOK).await;
    }
}

async fn own(directory: Directory, options: Options, lock: File) -> Result<Local, LocalError> {
    directory.prepare()?;
    let file = directory.database();
    let opened = tokio::task::spawn_blocking(move || Database::open(&file)).await;
    let damaged = |source| LocalError::Database { path: directory.database(), source: Box::new(source) };
    let database = opened.map_err(|failure| damaged(std::io::Error::other(failure).into()))?.map_err(damaged)?;
    let address = options.listen.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into());
    let refused = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::AddrInUse => LocalError::PortInUse { address },
        _ => LocalError::Bind { address, source },
    };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let bound = listener.local_addr().map_err(refused)?;
    let endpoint = Endpoint { url: format!("http://{}", reachable(bound)), node: node_id() };
    let orchestrator = Arc::new(Orchestrator {
        database,
        storage: Storage::new(directory.storage()),
        incoming: Arc::new(Incoming::new(directory.incoming())),
        runner: Runner::new(options.program.clone(), options.engine.clone(), options.deadline, options.replies),
        events: Arc::new(Events::new()),
        node: endpoint.node.clone(),
        started: std::time::Instant::now(),
        is_local: bound.ip().is_loopback(),
        live_reload: options.live_reload,
    });
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(server::serve(listener, Arc::clone(&orchestrator), async {
        let _ = stopped.await;
    }));
    let owner = Owner { orchestrator, stop: Some(stop), server, _lock: lock };
    directory.announce(&endpoint)?;
    Ok(Local { directory, options, endpoint, role: Role::Owner(owner) })
}

/// Takes a share of the running owner, or `None` while there is none to use.
async fn join(directory: &Directory) -> Result<Option<(File, Endpoint)>, LocalError> {
    let Some(share) = directory.try_share()? else {
        return Ok(None);
    };
    let Some(endpoint) = directory.endpoint() else {
        return Ok(None);
    };
    let answered = matches!(timeout(ANSWER, answers(&endpoint)).await, Ok(Ok(true)));
    Ok(answered.then_some((share, endpoint)))
}

/// Whether the server at the endpoint is the one that wrote it.
pub(super) async fn answers(endpoint: &Endpoint) -> std::io::Result<bool> {
    let reply = follow::get(&endpoint.url, "/info").await?;
    Ok(reply.contains(&format!("\"node_id\":\"{}\"", endpoint.node)))
}

impl Local {
    /// The base URL of the orchestrator, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.endpoint.url
    }

    /// Whether this process serves the directory itself.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        matches!(self.role, Role::Owner(_))
    }

    /// Ends the use. An owner waits until no other process uses it, then stops serving.
    pub async fn finish(self) {
        if let Role::Owner(owner) = self.role {
            // A client that still finds the endpoint finds a server that answers until the clients' lock is ours.
            let _ = self.directory.remove_endpoint();
            let excluded = loop {
                match self.directory.try_exclude() {
                    Ok(None) => sleep(LOOK).await,
                    excluded => break excluded,
                }
            };
            owner.stop().await;
            drop(excluded);
        }
    }

    /// Keeps the orchestrator running until `stop`, then ends as [`Local::finish`] does. When this process is a client and the owner ends first, it
    /// takes the owner's place, on the address it was asked for or else the one that everybody knows by then.
    pub async fn run_until(mut self, stop: impl Future<Output = ()>) -> Result<(), LocalError> {
        let mut stop = pin!(stop);
        let home = self.endpoint.url.trim_start_matches("http://").parse().ok();
        loop {
            let ended = match &mut self.role {
                Role::Owner(owner) => tokio::select! {
                    () = &mut stop => None,
                    result = &mut owner.server => Some(result.map_err(std::io::Error::other).and_then(|result| result)),
                },
                Role::Client { .. } => tokio::select! {
                    () = &mut stop => None,
                    () = owner_leaves(&self.directory, &self.endpoint) => Some(Ok(())),
                },
            };
            match ended {
                None => {
                    self.finish().await;
                    return Ok(());
                }
                Some(Err(source)) => return Err(LocalError::Served { source }),
                Some(Ok(())) if self.is_owner() => return Ok(()),
                Some(Ok(())) => tokio::select! {
                    () = &mut stop => return Ok(()),
                    attached = self.succeed(home) => self = attached?,
                },
            }
        }
    }

    /// Lets go of the owner and attaches again: at the address asked for, else at `home`, else anywhere.
    async fn succeed(self, home: Option<SocketAddr>) -> Result<Self, LocalError> {
        let Self { directory, options, endpoint: _, role } = self;
        drop(role);
        let at_home = Options { listen: options.listen.or(home), ..options.clone() };
        let attached = match attach(directory.path(), at_home).await {
            Err(LocalError::PortInUse { .. } | LocalError::Bind { .. }) if options.listen.is_none() => {
                attach(directory.path(), options.clone()).await
            }
            attached => attached,
        };
        attached.map(|local| Self { options, ..local })
    }
}

/// Waits until the owner has taken its endpoint away, or was killed.
async fn owner_leaves(directory: &Directory, endpoint: &Endpoint) {
    while directory.endpoint().as_ref() == Some(endpoint) && matches!(directory.try_own(), Ok(None)) {
        sleep(IDLE_LOOK).await;
    }
}

impl std::fmt::Debug for Owner {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Owner").finish_non_exhaustive()
    }
}

impl Owner {
    async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        self.orchestrator.events.close();
        let _ = timeout(LAST_REQUESTS, &mut self.server).await;
        self.orchestrator.runner.containers.end().await;
        let orchestrator = Arc::clone(&self.orchestrator);
        let _ = tokio::task::spawn_blocking(move || orchestrator.database.close()).await;
    }
}

/// A server that was not stopped in order, because its user failed: it must not touch the database once the lock is gone.
impl Drop for Owner {
    fn drop(&mut self) {
        self.server.abort();
        self.orchestrator.database.close();
    }
}

/// The address that a client on this machine connects to.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { IpAddr::from(Ipv4Addr::LOCALHOST) } else { IpAddr::from(Ipv6Addr::LOCALHOST) });
    }
    address
}

/// A name that no other owner had.
fn node_id() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("local-{}-{:x}", std::process::id(), since.as_nanos())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;

    use super::*;

    fn data() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary directory")
    }

    /// A use of the directory; panics where the test expects none to fail.
    async fn attached(data: &tempfile::TempDir) -> Local {
        attach(data.path(), Options::default()).await.expect("an orchestrator")
    }

    async fn is_alive(local: &Local) -> bool {
        matches!(answers(&local.endpoint).await, Ok(true))
    }

    #[tokio::test]
    async fn a_second_process_uses_the_first_ones_server() {
        let data = data();
        let first = attached(&data).await;
        let second = attached(&data).await;
        assert!(first.is_owner());
        assert!(!second.is_owner());
        assert_eq!(first.url(), second.url());
        assert!(first.url().starts_with("http://127.0.0.1:"));
    }

    #[tokio::test]
    async fn an_owner_serves_until_the_last_client_is_done() {
        let data = data();
        let owner = attached(&data).await;
        let client = attached(&data).await;
        let mut ending = pin!(owner.finish());
        tokio::select! {
            () = &mut ending => panic!("the owner left its client"),
            () = sleep(LOOK * 3) => {}
        }
        assert!(is_alive(&client).await);
        client.finish().await;
        ending.await;
        assert!(attached(&data).await.is_owner());
    }

    #[tokio::test]
    async fn a_newcomer_waits_for_an_ending_owner_and_takes_its_place() {
        let data = data();
        let owner = attached(&data).await;
        let client = attached(&data).await;
        let ((), newcomer) = tokio::join!(owner.finish(), async {
            // The endpoint is removed at once, so this one can only wait.
            tokio::task::yield_now().await;
            let (newcomer, ()) = tokio::join!(attached(&data), async {
                sleep(LOOK * 2).await;
                client.finish().await;
            });
            newcomer
        });
        assert!(newcomer.is_owner());
        assert!(is_alive(&newcomer).await);
    }

    #[tokio::test]
    async fn an_endpoint_that_a_killed_owner_left_misleads_nobody() {
        let data = data();
        let directory = Directory::open(data.path()).expect("a new directory");
        directory.prepare().expect("a usable directory");
        let impostor = attached(&self::data()).await;
        for url in [impostor.url(), "http://127.0.0.1:1", "nonsense"] {
            directory.announce(&Endpoint { url: url.to_owned(), node: "killed".to_owned() }).expect("a written endpoint");
            assert!(join(&directory).await.expect("working locks").is_none(), "{url}");
        }
        let owner = attached(&data).await;
        assert!(owner.is_owner());
        assert!(is_alive(&owner).await);
    }

    #[tokio::test]
    async fn a_long_running_client_takes_over_on_the_same_address() {
        let data = data();
        let owner = attached(&data).await;
        let client = attached(&data).await;
        let url = owner.url().to_owned();
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(client.run_until(async {
            let _ = stopped.await;
        }));
        owner.finish().await;
        // A newcomer that came first would be the owner: wait for the successor's announcement.
        let directory = Directory::open(data.path()).expect("the same directory");
        while directory.endpoint().is_none() {
            sleep(LOOK).await;
        }
        let guest = attached(&data).await;
        assert!(!guest.is_owner());
        assert_eq!(guest.url(), url);
        guest.finish().await;
        stop.send(()).expect("a running server");
        running.await.expect("no panic").expect("a clean end");
        assert!(attached(&data).await.is_owner());
    }

    #[tokio::test]
    async fn connections_that_ask_nothing_do_not_delay_the_end() {
        let data = data();
        let owner = attached(&data).await;
        let host = owner.url().trim_start_matches("http://").to_owned();
        let _unused = TcpStream::connect(&host).await.expect("a connection");
        assert!(is_alive(&owner).await);
        let ending = Instant::now();
        owner.finish().await;
        assert!(ending.elapsed() < LAST_REQUESTS / 2);
    }

    #[tokio::test]
    async fn a_taken_port_is_named_and_leaves_the_directory_free() {
        let data = data();
        let other = attached(&self::data()).await;
        let address = other.url().trim_start_matches("http://").parse().expect("an address");
        let refused = attach(data.path(), Options { listen: Some(address), ..Options::default() }).await;
        assert!(matches!(refused, Err(LocalError::PortInUse { address: named }) if named == address));
        assert!(attached(&data).await.is_owner());
    }

    #[test]
    fn an_address_for_all_interfaces_is_reached_through_the_loopback_one() {
        for (listening, url) in [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("10.0.0.1:80", "10.0.0.1:80")] {
            assert_eq!(reachable(listening.parse().expect("an address")).to_string(), url);
        }
    }
}
