//! What no recorded exchange shows: the differences that are on purpose, large and broken bodies, and data that outlives the server.

use std::fs;
use std::path::Path;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Local, Options, attach};

fn data() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

async fn served(data: &Path) -> Local {
    attach(data, Options::default()).await.expect("an orchestrator")
}

async fn connected(local: &Local) -> TcpStream {
    let host = local.url().trim_start_matches("http://");
    TcpStream::connect(host).await.expect("a connection")
}

/// The status and the body of the reply to one request on a connection of its own.
async fn ask(local: &Local, request: &str, body: &[u8]) -> (String, Vec<u8>) {
    let mut connection = connected(local).await;
    let length = body.len();
    let head = format!("{request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
    connection.write_all(head.as_bytes()).await.expect("a sent head");
    connection.write_all(body).await.expect("a sent body");
    split(&received(connection).await)
}

async fn received(mut connection: TcpStream) -> Vec<u8> {
    let mut reply = Vec::new();
    connection.read_to_end(&mut reply).await.expect("a reply");
    reply
}

fn split(reply: &[u8]) -> (String, Vec<u8>) {
    let end = reply.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("a head");
    let status = String::from_utf8_lossy(&reply[9..12]).into_owned();
    (status, reply[end + 4..].to_vec())
}

fn is_empty(directory: &Path) -> bool {
    fs::read_dir(directory).expect("a readable directory").next().is_none()
}

#[tokio::test]
async fn namespaces_that_escape_are_refused() {
    let data = data();
    let local = served(data.path()).await;
    for namespace in ["", ".", ".."] {
        for request in ["PUT /api/storage/{}/x", "GET /api/storage/{}/", "DELETE /api/storage/{}/x", "GET /static/{}/format"] {
            let request = request.replace("{}", namespace);
            assert_eq!(ask(&local, &request, b"").await.0, "400", "{request}");
        }
    }
    for namespace in [".", ".."] {
        let request = format!("PUT /api/db/{namespace}/k");
        assert_eq!(ask(&local, &request, br#"{"value":1}"#).await.0, "400");
    }
    assert!(is_empty(&data.path().join("storage")));
}

#[tokio::test]
async fn data_outlives_the_server() {
    let data = data();
    let local = served(data.path()).await;
    ask(&local, "PUT /api/storage/ns/a", b"file").await;
    ask(&local, "PUT /api/db/ns/k", br#"{"value":"pair"}"#).await;
    ask(&local, "POST /api/deploy/ns/f", br#"{"code":"function"}"#).await;
    local.finish().await;
    let local = served(data.path()).await;
    assert_eq!(ask(&local, "GET /static/ns/a", b"").await.1, b"file");
    let (_, pair) = ask(&local, "GET /api/db/ns/k", b"").await;
    assert_eq!(pair, b"{\"key\":\"k\",\"value\":\"pair\",\"exists\":true}\n");
    let (_, functions) = ask(&local, "GET /api/deploy", b"").await;
    assert!(String::from_utf8_lossy(&functions).contains("\"code\":\"function\""));
    assert_eq!(ask(&local, "GET /ns/f/deeper", b"").await.0, "503");
}

#[tokio::test]
async fn a_body_too_large_for_memory_is_stored_whole() {
    let data = data();
    let local = served(data.path()).await;
    let body: Vec<u8> = (0..3_000_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    let (status, reply) = ask(&local, "PUT /api/storage/ns/d/large", &body).await;
    assert_eq!(status, "201");
    assert_eq!(reply, b"{\"namespace\":\"ns\",\"path\":\"d/large\",\"size\":3000000}\n");
    assert!(ask(&local, "GET /static/ns/d/large", b"").await.1 == body);
    assert_eq!(ask(&local, "PUT /api/storage/ns/d", &body).await.0, "500");
    assert!(is_empty(&data.path().join("incoming")));
}

#[tokio::test]
async fn an_upload_cut_short_changes_nothing() {
    let data = data();
    let local = served(data.path()).await;
    ask(&local, "PUT /api/storage/ns/a", b"old").await;
    for sent in [1, 1_000_000] {
        let mut connection = connected(&local).await;
        let head = "PUT /api/storage/ns/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n";
        connection.write_all(head.as_bytes()).await.expect("a sent head");
        connection.write_all(&vec![b'n'; sent]).await.expect("a part of the body");
        connection.shutdown().await.expect("an end");
        assert!(received(connection).await.starts_with(b"HTTP/1.1 400 "));
        assert_eq!(ask(&local, "GET /api/storage/ns/a", b"").await.1, b"old");
    }
    assert!(is_empty(&data.path().join("incoming")));
}

#[tokio::test]
async fn a_listing_goes_directory_by_directory() {
    let data = data();
    let local = served(data.path()).await;
    for name in ["a-b", "a/z", "a/b/c", "B", "%FF"] {
        ask(&local, &format!("PUT /api/storage/ns/{name}"), b"").await;
    }
    let (_, listing) = ask(&local, "GET /api/storage/ns", b"").await;
    let listing = String::from_utf8_lossy(&listing);
    assert_eq!(listing, "{\"files\":[\"B\",\"a/b/c\",\"a/z\",\"a-b\",\"\\ufffd\"],\"count\":5}\n");
}

#[tokio::test]
async fn a_namespace_can_be_made_a_file_as_on_the_real_server() {
    let data = data();
    let local = served(data.path()).await;
    assert_eq!(ask(&local, "PUT /api/storage/ns/.", b"x").await.0, "201");
    let (status, refusal) = ask(&local, "PUT /api/storage/ns/a", b"x").await;
    assert_eq!(status, "500");
    assert_eq!(refusal, b"{\"error\":\"create dir: mkdir storage/ns: not a directory\"}\n");
    assert_eq!(ask(&local, "GET /api/storage/ns/", b"").await.1, b"{\"files\":[\".\"],\"count\":1}\n");
    assert_eq!(ask(&local, "DELETE /api/storage/ns/", b"").await.0, "204");
}

#[tokio::test]
async fn a_refused_request_with_a_body_keeps_its_connection() {
    let data = data();
    let local = served(data.path()).await;
    let mut connection = connected(&local).await;
    let refused = "POST /api/storage/ns/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n";
    connection.write_all(refused.as_bytes()).await.expect("a sent head");
    connection.write_all(&vec![b'x'; 100_000]).await.expect("a sent body");
    let next = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    connection.write_all(next.as_bytes()).await.expect("a second request");
    let replies = String::from_utf8(received(connection).await).expect("text");
    assert!(replies.starts_with("HTTP/1.1 405 "), "{replies}");
    assert!(replies.contains("HTTP/1.1 200 OK"), "{replies}");
}
