//! What the end-to-end tests stand on: directories to sync, an orchestrator, a proxy that breaks things, and a client that shares no code with
//! the program.

mod app;
mod browser;
mod cases;
mod control;
mod engine;
mod git_host;
pub(crate) mod http;
mod json_schema;
mod orchestrator;
mod process;
mod proxy;
mod sandbox;
mod sshd;
mod tls;
mod watching;
mod world;

pub(crate) use app::App;
pub(crate) use browser::Browser;
pub(crate) use cases::{Dice, each, scale};
pub(crate) use control::{APPLICATIONS, Control};
pub(crate) use engine::{Leftovers, PAGE_SERVER, busybox, docker, files_of, try_docker};
pub(crate) use git_host::{GitHost, Stranger, private_file};
pub(crate) use http::{Reply, encode, get};
pub(crate) use json_schema::JsonSchema;
pub(crate) use orchestrator::{ANY_PORT, Orchestrator, fresh_namespace, nobody_listens};
pub(crate) use process::{Outcome, Running};
pub(crate) use proxy::{Fault, Proxy, Request, read_request};
pub(crate) use sandbox::{Checkout, Sandbox};
pub(crate) use sshd::{Agent, Sshd, dripping, openssh};
pub(crate) use tls::TlsFront;
pub(crate) use watching::Watching;
pub(crate) use world::World;
