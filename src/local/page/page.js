// Everything that comes from functions and files is put in as text, never as HTML.
"use strict";

/** An element with attributes and children; children are elements or text. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A name as it stands in a path: what the server itself leaves bare, and everything else escaped. */
function escaped(name) {
  const strict = (text) => text.replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());
  return strict(encodeURIComponent(name)).replace(/%(2F|24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent);
}

const byId = (id) => document.getElementById(id);
const time = (at) => new Date(at).toLocaleTimeString();
const none = (text) => element("p", { class: "none" }, text);

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A reply in a form to read: the JSON string that the server wraps results in is taken apart, printed lines come first. */
function readable(text) {
  const outer = parsed(text);
  if (outer === undefined) return text;
  if (typeof outer !== "string") return JSON.stringify(outer, null, 2);
  const end = outer.trimEnd().lastIndexOf("\n") + 1;
  for (const at of [0, end]) {
    const result = parsed(outer.slice(at));
    if (result !== undefined) return outer.slice(0, at) + JSON.stringify(result, null, 2);
  }
  return outer;
}

async function call(form, base) {
  const field = (name) => form.elements[name].value;
  const method = field("method");
  const output = form.querySelector("output");
  output.replaceChildren("…");
  const begun = performance.now();
  try {
    const body = ["GET", "HEAD"].includes(method) ? undefined : field("body");
    const response = await fetch(base + field("rest"), { method, body });
    const text = await response.text();
    const took = (performance.now() - begun).toFixed(1);
    const head = element("p", { class: response.ok ? "good" : "bad" }, `${response.status} ${response.statusText}, ${took} ms`);
    output.replaceChildren(head, element("pre", {}, readable(text)));
  } catch (error) {
    output.replaceChildren(element("p", { class: "bad" }, String(error)));
  }
}

function functionCard(namespace, { path, runtime }) {
  const base = "/" + escaped(namespace) + escaped(path);
  const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"].map((method) => element("option", {}, method));
  const form = element("form", {},
    element("select", { name: "method", "aria-label": "Method" }, ...methods),
    element("input", { name: "rest", placeholder: "?name=value", "aria-label": "Query or further path", autocomplete: "off" }),
    element("button", {}, "Call"),
    element("textarea", { name: "body", rows: 2, placeholder: "request body (not with GET)", "aria-label": "Request body" }),
    element("output"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    call(form, base);
  });
  return element("details", { "data-key": base },
    element("summary", {}, element("code", {}, base), element("span", { class: "kind" }, runtime)), form);
}

function fileList(namespace, { files, file_count: count }) {
  const link = (file) => element("li", {}, element("a", { href: `/static/${escaped(namespace)}/${escaped(file)}` }, file));
  const more = count > files.length ? [none(`and ${count - files.length} more`)] : [];
  return [element("ul", {}, ...files.map(link)), ...more];
}

function showNamespaces(namespaces) {
  // Forms that somebody is filling in stay as they are.
  const kept = new Map([...document.querySelectorAll("#namespaces details")].map((card) => [card.dataset.key, card]));
  const card = (name, made) => {
    const fresh = functionCard(name, made);
    const old = kept.get(fresh.dataset.key);
    if (old) old.querySelector(".kind").textContent = made.runtime;
    return old ?? fresh;
  };
  const shown = Object.entries(namespaces).flatMap(([name, namespace]) => [
    element("h2", {}, name),
    ...(namespace.functions.length ? [element("h3", {}, "Functions"), ...namespace.functions.map((made) => card(name, made))] : []),
    ...(namespace.file_count ? [element("h3", {}, `Files (${namespace.file_count})`), ...fileList(name, namespace)] : []),
  ]);
  byId("namespaces").replaceChildren(...(shown.length ? shown : [none("Nothing is deployed yet: zerverless-gitops sync --local")]));
}

function callRow(made) {
  const bad = made.error !== null || made.status >= 500;
  const head = element("summary", {},
    element("code", {}, `${made.method} ${made.target}`),
    element("span", { class: bad ? "bad" : "good" }, String(made.status)),
    element("span", { class: "kind" }, `${made.milliseconds.toFixed(1)} ms, ${made.runtime}, ${time(made.at)}`));
  const log = [made.printed, made.error].filter(Boolean).join("\n") || "It printed nothing.";
  const row = element("details", {}, head, element("pre", {}, log));
  row.open = made.error !== null;
  return row;
}

function changeRow({ at, namespaces }) {
  const amount = (count, noun) => (count ? [`${count} ${noun}${count === 1 ? "" : "s"}`] : []);
  const parts = Object.entries(namespaces).map(([name, { functions, files }]) =>
    `${name}: ${[...amount(functions, "function"), ...amount(files, "file")].join(", ")}`);
  return element("p", {}, element("span", { class: "kind" }, time(at)), " ", parts.join("; "));
}

const RECORD = "zerverless-gitops";
const SHOWN = 20;

/** The runs that wrote something, the newest first, from the records that they left behind; what is no record is passed over. */
async function syncs() {
  const read = async (path) => (await fetch(`/api/db/${RECORD}/${path}`)).json();
  const { keys } = await read("?prefix=m.");
  const heads = await Promise.all((keys ?? []).filter((key) => key.includes(".h.")).map((key) => read(escaped(key)).catch(() => undefined)));
  const runs = heads.flatMap((head) => {
    // A format and a checksum stand before the body.
    const { namespace, name, history } = parsed(String(head?.value).replace(/^\S+ \S+ /, "")) ?? {};
    return (history ?? []).map((run) => ({ ...run, application: `${namespace}/${name}` }));
  });
  return runs.sort((a, b) => b.at.localeCompare(a.at)).slice(0, SHOWN);
}

function syncRow({ at, application, revision, counts, outcome, actor }) {
  const did = { create: "created", update: "updated", adopt: "adopted", delete: "deleted", failed: "failed" };
  const parts = Object.entries(did).filter(([key]) => counts[key]).map(([key, word]) => `${counts[key]} ${word}`);
  const commit = revision ? ` at ${revision.replace(/^[0-9a-f]+/, (id) => id.slice(0, 7))}` : "";
  return element("p", {},
    element("span", { class: "kind" }, time(at)), " ",
    element("span", { class: outcome === "succeeded" ? "good" : "bad" }, outcome), " ",
    `${application}${commit}: ${parts.join(", ") || "nothing to change"} `, element("span", { class: "kind" }, `by ${actor}`));
}

async function showSyncs() {
  showList("syncs", (await syncs()).map(syncRow), "None yet.");
}

function showList(id, rows, empty) {
  byId(id).replaceChildren(...(rows.length ? rows : [none(empty)]));
}

async function refresh() {
  const state = await (await fetch("/~state")).json();
  showNamespaces(state.namespaces);
  showList("calls", state.calls.map(callRow), "None yet.");
  showList("changes", state.changes.map(changeRow), "None since the server started.");
  document.body.dataset.number = state.number;
  return state;
}

function say(text, lost) {
  byId("status").textContent = text;
  byId("status").className = lost ? "lost" : "";
}

const events = new EventSource("/~events");
events.addEventListener("open", () => Promise.all([refresh(), showSyncs()]).then(() => say("live", false)));
events.addEventListener("error", () => say("the server is gone; waiting for it", true));
events.addEventListener("change", refresh);
events.addEventListener("stored", (event) => {
  if (JSON.parse(event.data).namespace === RECORD) showSyncs();
});
events.addEventListener("call", (event) => {
  const calls = byId("calls");
  calls.querySelector(".none")?.remove();
  calls.prepend(callRow(JSON.parse(event.data)));
  while (calls.children.length > 50) calls.lastChild.remove();
});
