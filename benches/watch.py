#!/usr/bin/env python3
"""How soon `watch` makes a change live, and what keeping many applications costs; the release binary, one run on one machine.

    cargo build --release && python3 benches/watch.py

The orchestrator is `zerverless-gitops serve` over a temporary directory, or with `--server URL` one that runs already. Repositories are served by `git
http-backend` behind an HTTP server on loopback. All of it shares the processors of this machine with what is measured. `--only GROUP` runs a part.

- save: `watch DIR` keeps a site of 100 files and three functions. One file is written; the time is from there until a request for it, asked again
  without a pause, is answered with what was written. The debounce (100 ms) is a part of it.
- push: `watch --listen` keeps an application; something is pushed, and a webhook says so. The time is from the end of the push.
- fleet: 1,000 applications in 200 repositories (a function and two files each), registered by the API, looked at every 60 s. After a restart and one interval,
  for two intervals: processor time and memory of the process, and the requests that the Git server saw in each second. Drift is looked for in each
  look, so all of it is 17 looks a second.
- storm: 10,000 signed webhooks for one of these repositories in 10 s, sent at their times whether or not the last was answered; the time is from when one was due to its answer.
- all: all 200 repositories are pushed to, SIGHUP says "look again", and the time is until every one of the 1,000 functions is what was pushed.
- soak: 100 applications in 10 repositories at an interval of a second, with a push now and then, until 50,000 looks are over. The least memory, open
  files and temporary files of the last third and of the first are compared: what is in flight comes and goes, what is lost stays. The cache grows with what
  is fetched until a repository has 64 packs, and is then made anew.

Each line ends with the load average. A bound that is missed prints `over` and never fails the script; it exits 1 when something could not be measured.
"""
import asyncio, collections, hashlib, hmac, http.client, itertools, json, os, re, signal, statistics, subprocess, sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True
from git_server import GitServer
from orchestrator import Orchestrator, end
from speed import MB, Failed, Run, arguments, carry_out, environment, generate, row

SECRET = "a-secret-of-the-bench"
TICKS = os.sysconf("SC_CLK_TCK")
MANIFEST = """apiVersion: zerverless.io/v1
kind: Application
metadata: {{name: bench, namespace: {namespace}}}
spec:
  functions:
    - {{path: /f, runtime: lua, code: "function handle(req) return {{status=200, body='{content}'}} end"}}
  static: {{dir: ./static}}
"""


class Stamps(list):
    """What the Git server is asked, with when."""

    def append(self, line):
        super().append((time.monotonic(), line))


class Watch:
    """A `watch --listen` under measurement, while the `with` lasts."""

    def __init__(self, bench, *more, folder="state"):
        self.bench, self.folder = bench, bench.temp / folder
        self.argv = [bench.options.binary, "watch", "--listen", "127.0.0.1:0", "--server", bench.server.url, "--data-dir", self.folder / "data",
                     "--cache-dir", self.folder / "cache", "--webhook-secret-file", bench.secret, *more]

    def __enter__(self):
        temporary = self.folder / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        self.log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen([str(a) for a in self.argv], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log,
                                        env={**environment, "TMPDIR": str(temporary)})
        line = self.process.stdout.readline().decode()
        found = re.search(r"http://(127\.0\.0\.1:\d+)", line)
        if not found:
            raise Failed("watch did not say where it listens: " + (self.folder / "log").read_text()[-2000:])
        self.host = found.group(1)
        return self

    def __exit__(self, *_):
        start = time.monotonic()
        end(self.process)
        self.ended_in = time.monotonic() - start
        self.process.stdout.close()
        self.log.close()

    def ask(self, method, path, body=None, headers=()):
        connection = http.client.HTTPConnection(self.host, timeout=90)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"Content-Type": "application/json", **dict(headers)})
            reply = connection.getresponse()
            text = reply.read()
        finally:
            connection.close()
        if reply.status >= 300:
            raise Failed(f"{method} {path}: {reply.status} {text[:500].decode(errors='replace')}")
        return text

    def register(self, namespace, url, subdir=None):
        self.ask("POST", "/api/gitops/applications", {"name": "bench", "namespace": namespace, "source": {"repoURL": url, **({"subdir": subdir} if subdir else {})}})

    def applications(self):
        return json.loads(self.ask("GET", "/api/gitops/applications"))["applications"]

    def metric(self, name):
        return sum(float(value) for value in re.findall(rf"^zerverless_gitops_{name}(?:\{{.*\}})? (\S+)$", self.ask("GET", "/metrics").decode(), re.M))

    def processor(self):
        """Seconds that it computed."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self, which="VmRSS"):
        return int(re.search(rf"{which}:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text()).group(1)) * 1024

    def handles(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def temporary(self):
        return sum(len(names) + len(files) for _, names, files in os.walk(self.folder / "tmp"))

    def cached(self):
        return sum(len(files) for _, _, files in os.walk(self.folder / "cache"))


def hook(url, commit):
    """Body and headers of a webhook."""
    body = json.dumps({"repository": url, "branch": "main", "commit": commit})
    return body, {"X-Hub-Signature-256": "sha256=" + hmac.new(SECRET.encode(), body.encode(), hashlib.sha256).hexdigest()}


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def until(what, true, patience=120, pause=0.05):
    limit = time.monotonic() + patience
    while not true():
        if time.monotonic() > limit:
            raise Failed(f"in {patience} s it did not come that {what}")
        time.sleep(pause)


class Bench:
    """The orchestrator, the Git server and the options; one method per group of lines."""

    def __init__(self, options, temp):
        self.options, self.temp, self.numbers = options, temp, itertools.count(1)
        self.server = Orchestrator(options.server) if options.server else Orchestrator.start(options.binary, temp, environment)
        self.secret = temp / "secret"
        self.secret.write_text(SECRET + "\n")
        self.origins = temp / "origins"
        self.origins.mkdir()
        self.git = GitServer(self.origins, environment)
        self.git.requests = Stamps()

    def __enter__(self):
        self.git.__enter__()
        return self

    def __exit__(self, *failure):
        self.git.__exit__(*failure)
        self.server.close()

    def about(self):
        return f"{self.options.applications} applications, {self.options.repositories} repositories"

    def fresh(self):
        return self.server.fresh(f"bench-{os.getpid()}-{next(self.numbers)}")

    def live(self, connection, path, content):
        """Whether the orchestrator serves `content` now."""
        connection.request("GET", path)
        reply = connection.getresponse()
        return content in reply.read() and reply.status == 200

    def soon(self, path, content, start):
        """Seconds from `start` until `content` is served."""
        connection = http.client.HTTPConnection(self.server.host(), timeout=60)
        try:
            while not self.live(connection, path, content):
                if time.perf_counter() - start > 30:
                    raise Failed(f"{path} is not live after 30 s")
                time.sleep(0.002)
            return time.perf_counter() - start
        finally:
            connection.close()

    def percentiles(self, work, times, part, limit):
        found = percentile(times, part)
        row(f"{work}: p50", statistics.median(times))
        row(f"{work}: p{part * 100:g} of {len(times)}", found, "", f"<= {limit * 1000:g} ms", found <= limit)

    def save(self):
        tree, namespace = self.temp / "saved", self.fresh()
        generate(tree, 100)
        argv = [self.options.binary, "watch", tree, "-n", namespace, "--server", self.server.url, "-o", "json"]
        process = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
        try:
            process.stdout.readline()
            times = []
            for number in range(self.options.rounds * 10):
                content = f"saved {number:06}".encode()
                start = time.perf_counter()
                (tree / "static/d00/f00001.css").write_bytes(content)
                times.append(self.soon(f"/static/{namespace}/d00/f00001.css", content, start))
                # What it said of it, so that nothing of the last is under way.
                process.stdout.readline()
            self.percentiles("saved to live", times, 0.95, 0.4)
        finally:
            end(process)
            process.stdout.close()
            self.server.wipe(namespace)

    def repository(self, name, namespaces):
        """A work tree with an application for each namespace, and its origin, which the Git server serves."""
        tree = self.temp / "trees" / name
        for namespace in namespaces:
            folder = tree / namespace
            (folder / "static").mkdir(parents=True)
            (folder / "zerverless.yaml").write_text(MANIFEST.format(namespace=namespace, content="first"))
            (folder / "static/index.html").write_text(f"<h1>{namespace}</h1>")
            (folder / "static/x.txt").write_text("first")
        for args in ("init -qb main", "add -A", "commit -qm first"):
            Run("git", *args.split(), cwd=tree)
        Run("git", "clone", "-q", "--bare", tree, self.origins / f"{name}.git")
        return tree, f"{self.git.url}/{name}.git"

    def push(self, tree, content):
        for manifest in tree.glob("*/zerverless.yaml"):
            manifest.write_text(MANIFEST.format(namespace=manifest.parent.name, content=content))
            (manifest.parent / "static/x.txt").write_text(content)
        Run("git", "commit", "-qam", content, cwd=tree)
        Run("git", "push", "-q", self.origins / f"{tree.name}.git", "main", cwd=tree)
        return subprocess.run(["git", "rev-parse", "HEAD"], cwd=tree, env=environment, stdout=subprocess.PIPE, check=True).stdout.decode().strip()

    def pushed(self):
        namespace = self.fresh()
        tree, url = self.repository("pushed", [namespace])
        with Watch(self, "--interval", "1h", folder="pushed") as watch:
            watch.register(namespace, url, namespace)
            self.soon(f"/static/{namespace}/x.txt", b"first", time.perf_counter())
            times = []
            for number in range(self.options.rounds * 10):
                content = f"pushed {number:06}"
                body, headers = hook(url, self.push(tree, content))
                start = time.perf_counter()
                watch.ask("POST", "/webhooks/generic", json.loads(body), headers)
                times.append(self.soon(f"/static/{namespace}/x.txt", content.encode(), start))
        self.percentiles("pushed to live, by a webhook", times, 0.95, 1)
        self.server.wipe(namespace)

    def fleet(self):
        count, spread, interval = self.options.applications, self.options.repositories, self.options.interval
        namespaces = [self.fresh() for _ in range(count)]
        groups = [namespaces[number::spread] for number in range(spread)]
        with ThreadPoolExecutor(2) as pool:
            repositories = list(pool.map(lambda item: self.repository(f"r{item[0]:03}", item[1]), enumerate(groups)))
        more = ("--interval", f"{interval}s", "--log-format", "json")
        with Watch(self, *more) as watch:
            start = time.monotonic()
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda item: [watch.register(namespace, item[1][1], namespace) for namespace in item[0]], zip(groups, repositories)))
            row(f"{count} applications registered (s)", f"{time.monotonic() - start:.1f} s")
            until("all applications are synced", lambda: sum(app["status"] == "Synced" for app in watch.applications()) == count, 300, 0.5)
            row("  all of them live (s)", f"{time.monotonic() - start:.1f} s")
        row("  ended by SIGTERM", watch.ended_in, "", "<= 10 s", watch.ended_in <= 10)
        with Watch(self, *more) as watch:
            self.git.requests.clear()
            time.sleep(interval)
            self.idle(watch, interval, count)
            self.storm(watch, repositories[0][1])
            self.all(watch, namespaces, [tree for tree, _ in repositories])

    def idle(self, watch, interval, count):
        first = len(self.git.requests)
        start, before, looks, peak = time.monotonic(), watch.processor(), watch.metric("sync_duration_seconds_count"), 0
        while time.monotonic() < start + 2 * interval:
            peak = max(peak, watch.memory())
            time.sleep(1)
        seconds = time.monotonic() - start
        share = (watch.processor() - before) / seconds
        looks = watch.metric("sync_duration_seconds_count") - looks
        row(f"{count} applications, nothing changes: of one core", f"{share * 100:.1f} %", "", "<= 25 %", share <= 0.25)
        row("  looks in an interval", f"{looks / seconds * interval:.0f}")
        row("  memory (peak)", f"{peak / MB:.1f} MB", "", "<= 157 MB", peak <= 150 * 1024 * 1024)
        for which, requests in (("after the start", self.git.requests[:first]), ("later", self.git.requests[first:])):
            seconds = collections.Counter(int(at) for at, _ in requests)
            most = max(seconds.values(), default=0)
            row(f"  Git requests, {which}: most in a second of {len(requests)}", most, "", "<= 20", most <= 20)

    def storm(self, watch, url):
        body, headers = hook(url, "0" * 39 + "1")
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        request = f"POST /webhooks/generic HTTP/1.1\r\nHost: {watch.host}\r\nContent-Type: application/json\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()
        host, _, port = watch.host.partition(":")
        times, statuses, rate, seconds = [], collections.Counter(), 1000, 10

        async def client(due, done):
            reader, writer = await asyncio.open_connection(host, int(port))
            while not done():
                at = await due.get()
                if at is None:
                    break
                writer.write(request)
                answer = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(re.search(rb"content-length: (\d+)", answer).group(1)))
                times.append(time.perf_counter() - at)
                statuses[answer[9:12].decode()] += 1
            writer.close()

        async def send():
            due, clients = asyncio.Queue(), 64
            tasks = [asyncio.create_task(client(due, lambda: False)) for _ in range(clients)]
            start = time.perf_counter() + 0.1
            for number in range(rate * seconds):
                at = start + number / rate
                if (wait := at - time.perf_counter()) > 0:
                    await asyncio.sleep(wait)
                due.put_nowait(at)
            for _ in range(clients):
                due.put_nowait(None)
            await asyncio.gather(*tasks)

        before, looks = len(self.git.requests), watch.metric("git_requests_total")
        asyncio.run(send())
        self.percentiles(f"webhook answered, {rate} a second for {seconds} s", times, 0.99, 0.05)
        row("  answers", " ".join(f"{status}: {count}" for status, count in sorted(statuses.items())))
        row("  requests to the Git server meanwhile", len(self.git.requests) - before)

    def all(self, watch, namespaces, trees):
        content = f"all {time.time():.0f}"
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda tree: self.push(tree, content), trees))
        meant, first = set(namespaces), len(self.git.requests)
        start, before = time.monotonic(), watch.processor()
        watch.process.send_signal(signal.SIGHUP)

        def is_live():
            functions = self.server.ask("GET", "/api/deploy").get("deployments") or []
            return meant <= {function["user"] for function in functions if content in function["code"]}

        until("all are live", is_live, 300, 0.5)
        taken = time.monotonic() - start
        row(f"{len(namespaces)} applications changed at once: live", f"{taken:.1f} s", "", "<= 60 s", taken <= 60)
        row("  processor time of it (s)", f"{watch.processor() - before:.1f} s")
        row("  Git requests", len(self.git.requests) - first)

    def soak(self):
        namespaces = [self.fresh() for _ in range(100)]
        groups = [namespaces[number::10] for number in range(10)]
        repositories = [self.repository(f"soak{number}", group) for number, group in enumerate(groups)]
        with Watch(self, "--interval", "1s", folder="soak") as watch:
            for group, (_, url) in zip(groups, repositories):
                for namespace in group:
                    watch.register(namespace, url, namespace)
            samples, looks, turns = [], 0, itertools.cycle(repositories)
            while looks < self.options.looks:
                time.sleep(5)
                self.push(next(turns)[0], f"soak {looks:.0f}")
                looks = watch.metric("sync_duration_seconds_count")
                samples.append((looks, watch.memory(), watch.handles(), watch.temporary(), watch.cached()))
                if len(samples) % 12 == 0:
                    print(f"    {looks:.0f} looks: {watch.memory() / MB:.1f} MB, {watch.handles()} files open", file=sys.stderr, flush=True)
        # What it takes until everything was done once is no growth.
        samples = samples[len(samples) // 10:]
        parts = [samples[len(samples) * part // 3:len(samples) * (part + 1) // 3] for part in range(3)]
        for which, name, unit, slack in ((1, "memory", MB, 4), (2, "open files", 1, 2), (3, "temporary files", 1, 2)):
            early, late = (min(sample[which] for sample in part) / unit for part in (parts[0], parts[-1]))
            row(f"{looks:.0f} looks: {name}, last third (theirs: first third)", f"{late:.1f}", f"{early:.1f}", f"<= + {slack}", late <= early + slack)
        most, bound = max(sample[4] for sample in samples), len(repositories) * 64 * 4
        row("  files in the cache of 10 repositories (most)", most, "", f"<= {bound}", most <= bound)


def main():
    groups = {"save": Bench.save, "push": Bench.pushed, "fleet": Bench.fleet, "soak": Bench.soak}
    parser = arguments(__doc__, "measured")
    parser.add_argument("--rounds", type=int, default=5, help="tens of saves and of pushes; default 5")
    parser.add_argument("--applications", type=int, default=1000)
    parser.add_argument("--repositories", type=int, default=200)
    parser.add_argument("--interval", type=int, default=60, help="seconds; default 60")
    parser.add_argument("--looks", type=int, default=50_000, help="of the soak; default 50,000")
    parser.add_argument("--only", action="append", default=[], choices=groups, help="a group of lines; repeatable")
    options = parser.parse_args()
    carry_out(options, Bench, {name: group for name, group in groups.items() if name in (options.only or groups)})


if __name__ == "__main__":
    main()
