//! Docker functions on the real engine.

mod build;
mod context;
mod deploy;
mod engine;
mod images;

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::support::{App, Checkout, Leftovers, Orchestrator, PAGE_SERVER, Proxy, Sandbox, busybox};

/// Who prunes images looks at all of the engine, those that another test is about to deploy among them.
static ENGINE: RwLock<()> = RwLock::new(());

/// A test's share of the engine, until it ends.
enum Share {
    Beside(#[expect(dead_code, reason = "held")] RwLockReadGuard<'static, ()>),
    Alone(#[expect(dead_code, reason = "held")] RwLockWriteGuard<'static, ()>),
}

/// An application with one page server at `/web`, before an orchestrator with containers.
struct World {
    orchestrator: Orchestrator,
    proxy: Proxy,
    source: Checkout,
    engine: Leftovers,
    _share: Share,
}

impl World {
    fn new() -> Self {
        Self::with_dockerfile(PAGE_SERVER)
    }

    /// With nobody else at the engine.
    fn alone() -> Self {
        Self::sharing(Share::Alone(ENGINE.write().unwrap_or_else(PoisonError::into_inner)), PAGE_SERVER)
    }

    fn with_dockerfile(dockerfile: &str) -> Self {
        Self::sharing(Share::Beside(ENGINE.read().unwrap_or_else(PoisonError::into_inner)), dockerfile)
    }

    fn sharing(share: Share, dockerfile: &str) -> Self {
        let orchestrator = Orchestrator::start();
        let source = page_server(&web(orchestrator.namespace()), dockerfile);
        let engine = Leftovers(orchestrator.namespace().to_owned());
        Self { proxy: Proxy::before(&orchestrator), orchestrator, source, engine, _share: share }
    }

    /// The orchestrator is killed and started again: it knows nothing of the containers that run.
    fn restart(&mut self) {
        self.orchestrator.restart();
        self.proxy = Proxy::before(&self.orchestrator);
    }

    /// The page that visitors see.
    #[track_caller]
    fn page(&self) -> String {
        let reply = crate::support::get(self.proxy.address(), &format!("/{}/web/index.html", self.orchestrator.namespace()));
        String::from_utf8_lossy(&reply.body).into_owned()
    }

    /// The image that the server has for a function.
    #[track_caller]
    fn image(&self, path: &str) -> String {
        let (runtime, image) = self.orchestrator.functions()[path].clone();
        assert_eq!(runtime, "docker");
        image
    }

    /// Name and image of the namespace's containers.
    fn containers(&self) -> Vec<String> {
        self.engine.containers()
    }

    fn container(&self, path: &str) -> String {
        format!("zerverless-{}{} {}", self.orchestrator.namespace(), path.replace('/', "-"), self.image(path))
    }

    fn url(&self) -> &str {
        self.proxy.url()
    }

    fn app(&self) -> App {
        App::of(self.orchestrator.namespace())
    }
}

/// `/web` from the directory `web`.
fn web(namespace: &str) -> App {
    App::of(namespace).function("/web", "runtime: docker, context: ./web")
}

/// The files of a page server in `web`.
fn page_server(app: &App, dockerfile: &str) -> Checkout {
    let source =
        Sandbox::of(app).file("web/Dockerfile", dockerfile).file("web/busybox", busybox()).file("web/www/index.html", "one").create();
    source.set_executable("web/busybox", true);
    source
}
