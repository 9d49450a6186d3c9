//! Connections: so many at a time, and each only as long as its client says something.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Connections at a time; more wait until one is over.
const PLACES: usize = 512;
/// How long the head of a request may take to come.
const HEAD: Duration = Duration::from_secs(10);
/// How long requests under way may take when the server stops.
const LAST_REQUESTS: Duration = Duration::from_secs(2);
/// After an error of the system, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop`, and then until the requests under way are answered.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let (places, tasks) = (Arc::new(Semaphore::new(PLACES)), TaskTracker::new());
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        let Ok((connection, _)) = accepted else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let (router, stop) = (router.clone(), stop.clone());
        tasks.spawn(async move {
            converse(connection, router, &stop).await;
            drop(place);
        });
    }
    tasks.close();
    let _ = tokio::time::timeout(LAST_REQUESTS, tasks.wait()).await;
}

async fn converse(connection: TcpStream, router: Router, stop: &CancellationToken) {
    // Answers are small and written at once.
    let _ = connection.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let mut conversation = std::pin::pin!(builder.serve_connection(TokioIo::new(connection), service));
    // A client that goes away or talks nonsense is none of ours.
    tokio::select! {
        _ = conversation.as_mut() => {}
        () = stop.cancelled() => {
            conversation.as_mut().graceful_shutdown();
            let _ = conversation.await;
        }
    }
}
