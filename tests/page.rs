//! The page of the embedded orchestrator, and live reload, in a real browser.

use crate::support::{App, Browser, Checkout, Orchestrator, Sandbox};

fn source(server: &Orchestrator) -> Checkout {
    let app =
        App::of(server.namespace()).lua("/a", "function handle(req) print('a line') return {body = 'one ' .. req.query.x} end").site();
    Sandbox::of(&app).file("static/index.html", "<!doctype html><title>t</title><p id=text>one</p>").create()
}

#[track_caller]
fn synced(source: &Checkout, server: &Orchestrator) {
    source.run(&["sync", &server.local(), "--adopt"]).exits(0);
}

#[test]
fn the_page_shows_what_is_deployed_calls_it_and_follows_changes() {
    let server = Orchestrator::embedded(&[]);
    let source = source(&server);
    let mut browser = Browser::open(&format!("{}/", server.url()));
    browser.until("document.body.innerText.includes('Nothing is deployed yet')");
    synced(&source, &server);
    let function = format!("/{}/a", server.namespace());
    browser.until(&format!("document.querySelector('details[data-key=\"{function}\"]')"));
    browser.until(&format!("document.querySelector('a[href=\"/static/{}/index.html\"]')", server.namespace()));
    browser.until(&format!("document.getElementById('changes').innerText.includes('{}: 1 function, 1 file')", server.namespace()));
    browser.until(&format!("document.getElementById('syncs').innerText.includes('succeeded {}/app: 2 created')", server.namespace()));

    browser.run("document.querySelector('#namespaces [name=rest]').value = '?x=%3Cb%3E'");
    browser.run("document.querySelector('#namespaces details').open = true");
    browser.run("document.querySelector('#namespaces form').requestSubmit()");
    browser.until("document.querySelector('#namespaces output pre')?.innerText.includes('one <b>')");
    browser.until("document.getElementById('calls').innerText.includes('?x=%3Cb%3E')");
    browser.until("[...document.querySelectorAll('#calls pre')].some((log) => log.textContent.includes('a line'))");

    server.deploy("/broken", "syntax error here");
    browser.until("document.getElementById('namespaces').innerText.includes('/broken')");
    server.send("GET", &format!("/{}/broken", server.namespace()), b"");
    browser.until("document.getElementById('calls').innerText.includes('function.lua:1:8')");
    browser.until("document.querySelector('#namespaces [name=rest]').value === '?x=%3Cb%3E'");
}

#[test]
fn pages_of_the_site_load_themselves_again_after_a_sync_when_asked_to() {
    let server = Orchestrator::embedded(&["--live-reload"]);
    let source = source(&server);
    synced(&source, &server);
    let page = format!("/static/{}/index.html", server.namespace());
    let mut browser = Browser::open(&format!("{}{page}", server.url()));
    browser.until("document.getElementById('text')?.innerText === 'one'");
    source.write("static/index.html", "<!doctype html><title>t</title><p id=text>two</p>");
    synced(&source, &server);
    browser.until("document.getElementById('text')?.innerText === 'two'");
    let stored = server.send("GET", &format!("/api/storage/{}/index.html", server.namespace()), b"");
    assert!(!String::from_utf8_lossy(&stored.body).contains("script"), "what is stored is what was synced");
}

#[test]
fn pages_stay_as_they_are_unless_asked_to_reload() {
    let server = Orchestrator::embedded(&[]);
    server.put_file("index.html", "<p>");
    assert_eq!(server.send("GET", &format!("/static/{}/index.html", server.namespace()), b"").body, b"<p>");
}
