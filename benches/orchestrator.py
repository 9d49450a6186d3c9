"""The orchestrator that the bench talks to: one started for it or one given, what was put there, and a proxy that counts requests."""
import hashlib, http.client, http.server, json, re, subprocess, threading, time
from concurrent.futures import ThreadPoolExecutor


class Orchestrator:
    def __init__(self, url):
        self.url, self.process, self.namespaces = url, None, []

    @classmethod
    def start(cls, binary, folder, environment):
        """`serve` over a directory of its own in `folder`, on a free port."""
        log = folder / "serve.log"
        argv = [binary, "serve", f"--local={folder / 'orchestrator'}", "--listen", "127.0.0.1:0"]
        with open(log, "wb") as out:
            process = subprocess.Popen(argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment)
        for _ in range(200):
            address = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
            if address:
                started = cls(address.group())
                started.process = process
                return started
            if process.poll() is not None:
                break
            time.sleep(0.05)
        end(process)
        raise OSError("serve did not say where it listens: " + log.read_text()[-2000:])

    def close(self):
        """A started one is ended and its data goes with the directory; from a given one, what was put is removed."""
        if self.process:
            end(self.process)
        else:
            for namespace in list(self.namespaces):
                self.wipe(namespace)

    def fresh(self, name):
        """A namespace that nobody used."""
        if self.ask("GET", f"/api/storage/{name}/").get("files"):
            raise OSError(f"the namespace {name} is in use")
        self.namespaces.append(name)
        return name

    def host(self):
        return self.url.removeprefix("http://").rstrip("/")

    def ask(self, method, path):
        """The JSON of a successful reply, else nothing."""
        connection = http.client.HTTPConnection(self.host(), timeout=60)
        try:
            connection.request(method, path)
            reply = connection.getresponse()
            content = reply.read()
            return json.loads(content) if reply.status == 200 else {}
        finally:
            connection.close()

    def wipe(self, namespace):
        """Removes the files, their directories, the functions and the records of a namespace, unless all of it goes with the temporary directory."""
        if self.process:
            return
        files = self.ask("GET", f"/api/storage/{namespace}/").get("files") or []
        folders = {"/".join(file.split("/")[:depth]) for file in files for depth in range(1, file.count("/") + 1)}
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda file: self.ask("DELETE", f"/api/storage/{namespace}/{file}"), files))
        for folder in [*sorted(folders, key=len, reverse=True), ""]:
            self.ask("DELETE", f"/api/storage/{namespace}/{folder}")
        for function in self.ask("GET", "/api/deploy").get("deployments") or []:
            if function["user"] == namespace:
                self.ask("DELETE", f"/api/deploy/{namespace}{function['path']}")
        digest = hashlib.sha256(namespace.encode()).hexdigest()[:16]
        for kind in "ms":
            while keys := self.ask("GET", f"/api/db/zerverless-gitops/?prefix={kind}.{digest}.").get("keys"):
                for key in keys:
                    self.ask("DELETE", f"/api/db/zerverless-gitops/{key}")
        self.namespaces.remove(namespace)


class Counter:
    """A proxy before an orchestrator, while the `with` lasts. `methods` are those of the requests that came."""

    def __init__(self, orchestrator):
        counter = self

        class Relay(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def relay(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                counter.methods.append(self.command)
                connection = http.client.HTTPConnection(orchestrator.host(), timeout=60)
                connection.request(self.command, self.path, body or None, dict(self.headers))
                reply = connection.getresponse()
                content = reply.read()
                connection.close()
                self.send_response_only(reply.status)
                for name, value in reply.getheaders():
                    if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                        self.send_header(name, value)
                if reply.status != 204:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_POST = do_DELETE = relay

            def log_message(self, *_):
                pass

        self.methods = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Relay)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def end(process):
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
