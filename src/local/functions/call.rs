//! A call: which function it means, how it is run, and what is said about it.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::request::Parts;

use super::input;
use super::job::{Engine, Job};
use super::reply::Answer;
use crate::local::Orchestrator;
use crate::local::answer::Reply;
use crate::local::deploy::{DOCKER, Deployed};
use crate::local::events::Call;

/// Answers a call of a function that was found, and writes it into the log.
pub(in crate::local) async fn invoke(orchestrator: Arc<Orchestrator>, function: Deployed, head: &Parts, body: Body) -> Reply {
    let begun = Instant::now();
    let answer = run(&orchestrator, &function, head, body).await;
    orchestrator.events.called(Call {
        at: crate::local::deploy::now(),
        method: head.method.to_string(),
        target: head.uri.to_string(),
        function: function.name,
        runtime: function.runtime,
        status: answer.status,
        milliseconds: begun.elapsed().as_secs_f64() * 1000.0,
        printed: answer.printed,
        error: answer.error,
    });
    answer.reply
}

async fn run(orchestrator: &Orchestrator, function: &Deployed, head: &Parts, body: Body) -> Answer {
    let runner = &orchestrator.runner;
    if function.runtime == DOCKER {
        return runner.containers.call(function, head, body, runner.replies).await;
    }
    let no_workers = |why: &str| Answer::error(StatusCode::SERVICE_UNAVAILABLE, format!("no workers available{why}"));
    let Some(workers) = &runner.workers else { return no_workers("") };
    let code = &function.code;
    let (engine, wrapped) = match function.runtime.as_str() {
        "lua" => (Some(Engine::Lua), format!("{code}\nreturn handle(INPUT)")),
        "js" | "javascript" => (Some(Engine::JavaScript), format!("{code}\nhandle(INPUT)")),
        "python" | "py" => (None, code.clone()),
        "wasm" => {
            return Answer::error(StatusCode::INTERNAL_SERVER_ERROR, "fetch wasm: the server gives its workers no address of the module");
        }
        other => return no_workers(&format!(": none runs {other:?}")),
    };
    let body = match input::read(body).await {
        Ok(body) => body,
        Err(size) => return too_large(&format!("a request body of {size} bytes")),
    };
    let input = input::json(&input::request(head, &body));
    let size = input::job_size(&function.runtime, &wrapped, &input);
    if size > super::MESSAGE {
        return too_large(&format!("code and request together, {size} bytes with what encloses them,"));
    }
    let Ok(_place) = runner.places.acquire().await else { return no_workers("") };
    let ran = match engine {
        Some(engine) => workers.run(&Job { engine, code: wrapped, input }).await,
        None => match runner.python.run(code, &input).await {
            Some(ran) => ran,
            None => return no_workers(": this machine has no python3"),
        },
    };
    Answer::of(ran, runner.replies)
}

fn too_large(what: &str) -> Answer {
    let limit = super::MESSAGE;
    let message = format!("{what} cannot be sent to a worker: the limit is {limit} bytes, and the real server hangs up on the caller");
    Answer::error(StatusCode::INTERNAL_SERVER_ERROR, message)
}
