//! `watch --listen` over a database that is locked, or on a disk that is full: nothing is answered as kept that is not, and the process goes on.

use std::thread;

use serde_json::json;
use sqlx::{Connection, SqliteConnection};

use crate::support::{APPLICATIONS, Checkout, Control, Sandbox, http};

const STATE: &str = ".local/state/zerverless-gitops/applications.db";

fn registration(name: &str) -> String {
    json!({"name": name, "namespace": "ns", "source": {"repoURL": "http://127.0.0.1:1/app.git", "subdir": "d".repeat(1000)}}).to_string()
}

fn place() -> Checkout {
    Sandbox::empty().create()
}

#[test]
fn a_database_that_somebody_locks_is_waited_for() {
    let place = place();
    let control = Control::start(&place, "http://127.0.0.1:1", &["--interval", "24h"]);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let url = format!("sqlite://{}", place.home(STATE).display());
    let mut other = runtime.block_on(SqliteConnection::connect(&url)).expect("the database");
    runtime.block_on(sqlx::query("BEGIN IMMEDIATE").execute(&mut other)).expect("a lock");
    let address = control.address.clone();
    let json = [("Content-Type".to_owned(), "application/json".to_owned())];
    let registering = thread::spawn(move || http::send(&address, "POST", APPLICATIONS, &json, registration("app").as_bytes()));
    // Whoever only reads is answered meanwhile.
    assert_eq!(control.call("GET", "", 200)["total"], 0);
    assert_eq!(control.send("GET", "/readyz", "").status, 200);
    assert!(!registering.is_finished(), "it waits");
    runtime.block_on(sqlx::query("ROLLBACK").execute(&mut other)).expect("an end");
    assert_eq!(registering.join().expect("no panic").expect("an answer").status, 201);
    assert_eq!(control.call("GET", "", 200)["total"], 1);
}

#[test]
fn what_finds_no_room_on_the_disk_is_not_said_to_be_kept() {
    let place = place();
    // No file may grow beyond half a megabyte, and writing more is an error, not the end of the process.
    let mut command = place.shell("sh");
    let program = env!("CARGO_BIN_EXE_zerverless-gitops");
    let script =
        "trap '' XFSZ; ulimit -f 1024; exec \"$0\" watch --listen 127.0.0.1:0 --server http://127.0.0.1:1 --interval 24h --log-format json";
    command.args(["-c", script, program]);
    let control = Control::of(command);
    let mut kept = 0;
    let refused = loop {
        let reply = control.send("POST", APPLICATIONS, &registration(&format!("app{kept}")));
        match reply.status {
            201 => kept += 1,
            _ => break reply,
        }
        assert!(kept < 5_000, "the limit does not hold");
    };
    assert_eq!((refused.status, refused.parsed()["code"].as_str()), (503, Some("database")), "{}", refused.parsed());
    assert_eq!(control.call("GET", "", 200)["total"], kept);
    assert_eq!(control.send("GET", "/healthz", "").status, 200);
    control.kill();
    // What was answered is there, and with room it goes on.
    let control = Control::start(&place, "http://127.0.0.1:1", &["--interval", "24h"]);
    assert_eq!(control.call("GET", "", 200)["total"], kept);
    assert_eq!(control.send("POST", APPLICATIONS, &registration("last")).status, 201);
}
