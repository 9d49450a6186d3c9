//! What the orchestrator does with containers, for the embedded one, which has none: on the real engine, and with the real server's habits
//! (server.md tK1 to tK4). A POST over a live function does not replace its container, a container that ends at once is removed and the answer is 201 all
//! the same, and after a restart nothing is known of the containers that run.

use std::collections::BTreeMap;
use std::io;
use std::net::TcpStream;
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use super::engine::try_docker;
use super::http::{self, Reply};
use super::proxy::Request;

/// How often the server looks whether a new container is up, and how long it waits in between.
const LOOKS: u32 = 10;
const PAUSE: Duration = Duration::from_millis(500);

#[derive(Default)]
pub(crate) struct Containers {
    /// By namespace and path: id and port on this machine.
    known: Mutex<BTreeMap<String, (String, u16)>>,
}

/// A Docker function as the listing has it.
struct Function {
    key: String,
    image: String,
    port: u64,
}

impl Containers {
    /// Forgets everything, as a new process would.
    pub(crate) fn restart(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, (String, u16)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a request; `forward` is the server without containers.
    pub(crate) fn answer(
        &self,
        request: &Request,
        forward: &dyn Fn(&str, &str) -> io::Result<Reply>,
        pass: impl Fn() -> io::Result<Reply>,
    ) -> io::Result<Reply> {
        let path = request.target.split('?').next().unwrap_or_default();
        match (request.method.as_str(), path.strip_prefix("/api/deploy/")) {
            ("POST", Some(key)) => {
                let reply = pass()?;
                let sent: Value = serde_json::from_slice(&request.body).unwrap_or_default();
                if reply.status == 201 && sent["runtime"] == "docker" {
                    let image = sent["code"].as_str().unwrap_or_default().to_owned();
                    self.start(&Function { key: key.to_owned(), image, port: sent["port"].as_u64().unwrap_or(80) });
                }
                Ok(reply)
            }
            ("DELETE", Some(key)) => {
                if Self::function(key, forward)?.is_some()
                    && let Some((id, _)) = self.lock().remove(key)
                {
                    let _ = try_docker(&["stop", "--time", "10", &id]);
                    let _ = try_docker(&["rm", "--force", &id]);
                }
                pass()
            }
            ("GET", None) if !path.starts_with("/api/") && path.matches('/').count() > 1 => self.call(path, forward, pass),
            _ => pass(),
        }
    }

    fn function(key: &str, forward: &dyn Fn(&str, &str) -> io::Result<Reply>) -> io::Result<Option<Function>> {
        let listing = forward("GET", "/api/deploy")?.parsed();
        let all = listing["deployments"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let found =
            all.into_iter().find(|one| format!("{}{}", text(&one["user"]), text(&one["path"])) == key && one["runtime"] == "docker");
        Ok(found.map(|one| Function { key: key.to_owned(), image: text(&one["code"]), port: one["port"].as_u64().unwrap_or(80) }))
    }

    /// The longest function above a path is called, and sees the path without its namespace.
    fn call(
        &self,
        path: &str,
        forward: &dyn Fn(&str, &str) -> io::Result<Reply>,
        pass: impl Fn() -> io::Result<Reply>,
    ) -> io::Result<Reply> {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]).skip(2).collect::<Vec<_>>();
        for end in ends.into_iter().rev() {
            let Some(function) = Self::function(&path[1..end], forward)? else { continue };
            let known = self.lock().get(&function.key).cloned();
            let is_up = |id: &String| state(id).is_some_and(|state| state == "true");
            let port = match known {
                Some((id, port)) if is_up(&id) => Some(port),
                Some(_) => {
                    self.lock().remove(&function.key);
                    self.start(&function)
                }
                None => self.start(&function),
            };
            let Some(port) = port else { return Ok(Reply::new(500, "application/json", r#"{"error":"failed to start container"}"#)) };
            let below = path[1..].find('/').map_or("/", |at| &path[1 + at..]);
            let answer = http::send(&format!("127.0.0.1:{port}"), "GET", below, &[], b"");
            return Ok(answer.unwrap_or_else(|_| Reply::new(502, "application/json", r#"{"error":"failed to proxy request"}"#)));
        }
        pass()
    }

    /// The port of the function's container; none when it does not stay up.
    fn start(&self, function: &Function) -> Option<u16> {
        let mut known = self.lock();
        if let Some((id, port)) = known.get(&function.key).filter(|(id, _)| state(id).is_some()) {
            let _ = id;
            return Some(*port);
        }
        let name = format!("zerverless-{}", function.key.replace('/', "-"));
        if try_docker(&["stop", "--time", "10", &name]).is_some() {
            let _ = try_docker(&["rm", "--force", &name]);
        }
        let publish = format!("127.0.0.1::{}", function.port);
        let run =
            ["run", "--detach", "--pull", "never", "--restart", "unless-stopped", "--name", &name, "--publish", &publish, &function.image];
        let Some(id) = try_docker(&run) else {
            let _ = try_docker(&["rm", "--force", &name]);
            return None;
        };
        let port = try_docker(&["port", &id]).and_then(|ports| ports.lines().next()?.rsplit(':').next()?.parse().ok()).unwrap_or_default();
        for _ in 0..LOOKS {
            sleep(PAUSE);
            if state(&id).is_none_or(|state| state != "true") {
                let _ = try_docker(&["rm", "--force", &id]);
                return None;
            }
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
        }
        known.insert(function.key.clone(), (id, port));
        Some(port)
    }
}

/// `true` when a container runs, another word when it does not, none when it is not there.
fn state(id: &str) -> Option<String> {
    let running = try_docker(&["inspect", "--format", "{{.State.Running}}{{if .State.Restarting}} again{{end}}", id])?;
    Some(running)
}
