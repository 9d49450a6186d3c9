//! `watch --listen`: whatever is sent to it, it goes on, registers nothing that was not meant, and says nothing that it should not.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;

use crate::support::{APPLICATIONS, Control, Sandbox};

fn control() -> (crate::support::Checkout, Control) {
    let place = Sandbox::empty().create();
    let control = Control::start(&place, "http://127.0.0.1:1", &["--interval", "24h"]);
    (place, control)
}

#[test]
fn json_of_another_form_is_refused_and_registers_nothing() {
    let (_place, control) = control();
    let good = json!({"name": "app", "namespace": "ns", "source": {"repoURL": "https://git.example/a"}, "auth": {"token": "canary"}});
    let mut bad: Vec<String> = vec![
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "\"canary\"".to_owned(),
        "{".to_owned(),
        format!("{good} {good}"),
        "[".repeat(10_000),
        format!("{{\"name\": {}", "{\"a\":".repeat(10_000)),
        format!("{{\"source\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000)),
        r#"{"name": "app", "name": "app", "namespace": "ns", "source": {"repoURL": "https://git.example/a"}}"#.to_owned(),
        r#"{"name": "\ud800", "namespace": "ns", "source": {"repoURL": "https://git.example/a"}}"#.to_owned(),
        r#"{"name": "app\u0000", "namespace": "ns", "source": {"repoURL": "https://git.example/a"}}"#.to_owned(),
        format!(r#"{{"name": "{}", "namespace": "ns", "source": {{"repoURL": "https://git.example/a"}}}}"#, "a".repeat(60_000)),
    ];
    for wrong in [json!(1), json!(null), json!([]), json!({}), json!(true), json!(1e308), json!({"canary": "canary"})] {
        for key in ["name", "namespace", "source", "auth"] {
            // No credential at all is fine.
            if key == "auth" && wrong.is_null() {
                continue;
            }
            let mut form = good.clone();
            form[key] = wrong.clone();
            bad.push(form.to_string());
        }
        for key in ["repoURL", "branch", "subdir"] {
            if key != "repoURL" && wrong.is_null() {
                continue;
            }
            let mut form = good.clone();
            form["source"][key] = wrong.clone();
            bad.push(form.to_string());
        }
    }
    for body in bad {
        let reply = control.send("POST", APPLICATIONS, &body);
        let said = String::from_utf8_lossy(&reply.body).into_owned();
        let start: String = body.chars().take(200).collect();
        assert_eq!(reply.status, 400, "{start}: {said}");
        let answer = reply.parsed();
        assert!(answer["error"].is_string() && answer["code"] == "bad_request", "{start}: {said}");
        assert!(!said.contains("canary\"") && said.len() < 1000, "{start}: {said}");
    }
    assert_eq!(control.call("GET", "", 200)["total"], 0);
}

#[test]
fn a_registration_without_end_is_cut_off() {
    let (_place, control) = control();
    let mut connection = TcpStream::connect(&control.address).expect("a connection");
    let head = "Content-Type: application/json\r\nTransfer-Encoding: chunked";
    let head = format!("POST {APPLICATIONS} HTTP/1.1\r\nHost: {}\r\n{head}\r\n\r\n", control.address);
    connection.write_all(head.as_bytes()).expect("it listens");
    let piece = format!("10000\r\n{}\r\n", "[".repeat(0x10000));
    let sent = (0..32_768).take_while(|_| connection.write_all(piece.as_bytes()).is_ok()).count();
    assert!(sent < 1_000, "{sent} pieces of 64 KiB were taken");
    assert_eq!(control.call("GET", "", 200)["total"], 0);
}

#[test]
fn who_never_ends_his_head_is_hung_up_on_and_nobody_waits_for_him() {
    let (_place, control) = control();
    let slow = || {
        let mut connection = TcpStream::connect(&control.address).expect("a connection");
        write!(connection, "GET /healthz HTTP/1.1\r\nHost: {}\r\nX-Slow: ", control.address).expect("it listens");
        connection
    };
    let mut slow: Vec<TcpStream> = (0..50).map(|_| slow()).collect();
    assert_eq!(control.send("GET", "/healthz", "").status, 200);
    for connection in &mut slow {
        // The end of the connection, after whatever was said on it.
        let mut said = Vec::new();
        let _ = connection.read_to_end(&mut said);
        assert!(!said.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&said));
    }
    let mut large = TcpStream::connect(&control.address).expect("a connection");
    let _ = write!(large, "GET /healthz HTTP/1.1\r\nX-Large: {}\r\n\r\n", "x".repeat(1 << 20));
    let mut said = Vec::new();
    let _ = large.read_to_end(&mut said);
    assert!(
        said.is_empty() || said.starts_with(b"HTTP/1.1 431") || said.starts_with(b"HTTP/1.1 400"),
        "{}",
        String::from_utf8_lossy(&said)
    );
    assert_eq!(control.send("GET", "/healthz", "").status, 200);
}
