#!/usr/bin/env python3
"""How fast the release binary is beside the tools one would use instead, as ratios measured in one run on one machine.

    cargo build --release && python3 benches/speed.py

The work is a generated site of 10,000 files, about 94 MB, sizes spread log-normally around a median of 4 KB, and three functions, committed to a
fresh Git repository; it is the same in every run. The orchestrator is `zerverless-gitops serve` over a temporary directory, or with `--server URL` one
that runs already. Everything talks over the loopback interface. No setting of the user's (proxies, Git, curl, `ZERVERLESS_*`) reaches what is
measured. What was written is removed at the end, from a given server too.

What is compared with what:

- `--version` with `true`, for what starting any process costs here. The bound is on the time itself.
- `validate` with `git status`; of examples/hello and of a repository with 500 manifests the bound is on the time itself.
- a first `sync` with `curl --parallel --parallel-max 16` putting the same files, and with one curl process per file; each run goes to a namespace
  that nobody used. One process per file is measured on every 20th file and scaled up. Curl is told not to wait for `100 Continue`, which favours it.
- a `sync` that finds nothing to do with `sha256sum` over all files, one process per core, and then the two listings (functions, file names) by one curl.
- the same with the repository as a URL, both from one `git http-backend` behind an HTTP server on loopback: with nothing cached beside `git clone
  --depth 1` and parallel curl; with nothing changed beside three times `git ls-remote`, the listings and 30 ms; with one file changed beside three times
  `git fetch --depth 1`, twice the listings and 50 ms. A file of 1 GiB elsewhere in the repository must cost no memory.
- requests as the report says (`requests`), and as a proxy between the two counts them, which also tells reads from writes. One changed file must add
  as many requests in this tree as in one of 100 files.
- the largest resident set of `sync`, not of the server, in a first sync of the tree and in one of a single file of 1 GiB. The kernel counts what this
  script held when it started the process too, so nothing smaller than the figure for `true` (the column "theirs") can be seen.

Runs alternate, their order turns from round to round, dirty pages are written out before each, and medians are compared. Each line ends with the load
average, since on a busy machine ratios of parallel work are noise. Speed never fails the script: it prints `over` and exits 0. It exits 1 when
something could not be measured, with the reason. A server that creates files slowly hides differences between clients, so `TMPDIR` on a memory disk
makes the strictest test.
"""
import argparse, itertools, os, random, re, shutil, signal, statistics, subprocess, sys, tempfile, time
from pathlib import Path

sys.dont_write_bytecode = True
from git_server import GitServer
from orchestrator import Counter, Orchestrator

FILES, MEDIAN, SIGMA, SEED = 10_000, 4096, 1.29, 94
SAMPLE = 20
MB = 1_000_000
CURL = ["curl", "-q", "-s", "-S", "-f", "--noproxy", "*"]
MANIFEST = """apiVersion: zerverless.io/v1
kind: Application
metadata: {name: bench, namespace: bench}
spec:
  functions:
    - {path: /inline, runtime: lua, code: "function handle(req) return {status=200} end"}
    - {path: /lua, runtime: lua, codeFile: functions/f.lua}
    - {path: /js, runtime: javascript, codeFile: functions/f.js}
  static: {dir: ./static}
"""
environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
               **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
                  for what, value in (("NAME", "bench"), ("EMAIL", "bench@example.org"), ("DATE", "2026-01-01T00:00:00Z"))}}


class Failed(Exception):
    """A program that was measured did not do its work."""


class Run:
    """A finished process: how long it took, its largest resident set in bytes, the requests it reports."""

    def __init__(self, *argv, cwd=None, stdin=os.devnull):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, open(stdin, "rb") as given:
            start = time.perf_counter()
            process = subprocess.Popen([str(a) for a in argv], cwd=cwd, stdin=given, stdout=out, stderr=err, env=environment)
            _, status, usage = os.wait4(process.pid, 0)
            self.seconds = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            self.peak = usage.ru_maxrss * 1024
            out.seek(0), err.seek(0)
            said = out.read()
            if process.returncode:
                text = (err.read() or said).decode(errors="replace").strip()
                raise Failed(f"{' '.join(map(str, argv))[:200]}: exit {process.returncode}\n{text[-2000:]}")
        reported = re.search(rb'"requests":\s*(\d+)', said)
        self.requests = int(reported.group(1)) if reported else None


def generate(tree, count):
    """A committed repository of a manifest, functions and `count` files; gives the files' names below static/."""
    dice = random.Random(SEED)
    pool = dice.randbytes(1 << 20)
    kinds = ("js", "css", "png", "svg", "woff2")
    names = ["index.html", *(f"d{i // 100:02}/f{i:05}.{'html' if i % 50 == 0 else kinds[i % 5]}" for i in range(1, count))]
    for number, name in enumerate(names):
        path = tree / "static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        size = min(int(dice.lognormvariate(0, SIGMA) * MEDIAN), len(pool))
        offset = dice.randrange(len(pool) - size + 1)
        path.write_bytes((b"%08d" % number + pool[offset:offset + size])[:size])
    (tree / "functions").mkdir()
    (tree / "functions/f.lua").write_text("function handle(req)\n  return {status=200, body='lua'}\nend\n")
    (tree / "functions/f.js").write_text("function handle(req) {\n  return {status: 200, body: 'js'}\n}\n")
    (tree / "zerverless.yaml").write_text(MANIFEST)
    for args in ("init -qb main", "add -A", "commit -qm site", "repack -adq"):
        Run("git", *args.split(), cwd=tree)
    return names


def alternate(rounds, *works):
    """Runs every work once per round, the order turning; gives the runs of each."""
    runs = [[] for _ in works]
    for number in range(rounds):
        for turn in range(len(works)):
            which = (number + turn) % len(works)
            os.sync()
            runs[which].append(works[which]())
    return runs


def median(runs):
    return statistics.median(run.seconds for run in runs)


def peak(runs):
    return max(run.peak for run in runs)


def row(work, ours, theirs="", bound="", good=None, ratio=None):
    ours, theirs = (f"{value * 1000:.1f} ms" if isinstance(value, float) else str(value) for value in (ours, theirs))
    ratio, verdict = "" if ratio is None else f"{ratio:.2f}", {None: "", True: "ok", False: "over"}[good]
    print(f"{work:<57}{ours:>12}{theirs:>13}{ratio:>8}  {bound:<13}{verdict:<6}{os.getloadavg()[0]:.1f}", flush=True)


def ratio(work, ours, theirs, limit):
    row(work, ours, theirs, f"<= {limit:g} x", ours <= limit * theirs, ours / theirs)


class Bench:
    """The tree, the orchestrator and the options; one method per group of lines."""

    def __init__(self, options, temp):
        self.options, self.temp, self.tree, self.numbers = options, temp, temp / "tree", itertools.count(1)
        self.names = generate(self.tree, FILES)
        self.server = Orchestrator(options.server) if options.server else Orchestrator.start(options.binary, temp, environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.close()

    def about(self):
        size = sum((self.tree / "static" / name).stat().st_size for name in self.names)
        return f"{len(self.names)} files, {size / MB:.1f} MB; parallelism {self.options.parallelism}; medians of {self.options.rounds} rounds or more"

    def fresh(self):
        return self.server.fresh(f"bench-{os.getpid()}-{next(self.numbers)}")

    def sync(self, source, namespace, *args, url=None):
        return Run(self.options.binary, "sync", source, "-n", namespace, "--server", url or self.server.url, "-o", "json",
                   "--parallelism", self.options.parallelism, *args)

    def listings(self, namespace):
        return Run(*CURL, f"{self.server.url}/api/deploy", f"{self.server.url}/api/storage/{namespace}/")

    def curl_parallel(self, namespace, tree=None):
        static, put = (tree or self.tree) / "static", f"{self.server.url}/api/storage/{namespace}"
        config = self.temp / "curl.conf"
        config.write_text("".join(f'upload-file = "{static}/{name}"\nurl = "{put}/{name}"\n' for name in self.names))
        run = Run(*CURL, "-H", "Expect:", "--parallel", "--parallel-max", "16", "-K", config)
        if self.server.ask("GET", f"/api/storage/{namespace}/").get("count") != len(self.names):
            raise Failed("curl --parallel did not put every file")
        return run

    def curl_each(self, namespace):
        static, put = self.tree / "static", f"{self.server.url}/api/storage/{namespace}"
        pairs = self.temp / "pairs"
        pairs.write_text("".join(f"{static}/{name} {put}/{name}\n" for name in self.names[::SAMPLE]))
        return Run("sh", "-c", 'while read -r file url; do "$@" -H Expect: -T "$file" "$url" || exit; done', "sh", *CURL, stdin=pairs)

    def into_fresh(self, work):
        """The work in a namespace of its own, which is removed afterwards, outside the time."""
        def one():
            namespace = self.fresh()
            run = work(namespace)
            self.server.wipe(namespace)
            return run
        return one

    def memory(self, work, runs, limit=None):
        limit = limit or 64 + 8 * self.options.parallelism
        row(work, f"{peak(runs) / MB:.1f} MB", f"{Run('true').peak / MB:.1f} MB", f"<= {limit} MB", peak(runs) <= limit * MB)

    def start(self):
        ours, true = alternate(21, lambda: Run(self.options.binary, "--version"), lambda: Run("true"))
        row("--version (theirs: true)", median(ours), median(true), "<= 5 ms", median(ours) <= 0.005)

    def validate(self):
        ours, git = alternate(self.options.rounds + 4, lambda: Run(self.options.binary, "validate", self.tree, "-o", "json"),
                              lambda: Run("git", "status", "--porcelain", cwd=self.tree))
        ratio("validate / git status", median(ours), median(git), 2)

    def validate_small(self):
        hello, monorepo = Path(__file__).resolve().parent.parent / "examples/hello", self.temp / "monorepo"
        for number in range(500):
            app = monorepo / f"apps/app-{number:03}"
            (app / "site").mkdir(parents=True)
            (app / "site/index.html").write_text("<h1>hi</h1>\n")
            (app / "f.lua").write_text("function handle(req)\n  return {status=200}\nend\n")
            (app / "zerverless.yaml").write_text(f"""apiVersion: zerverless.io/v1
kind: Application
metadata: {{name: app-{number}, namespace: team-{number}}}
spec:
  functions:
    - {{path: /api/f, runtime: lua, codeFile: f.lua}}
    - path: /api/g
      runtime: javascript
      code: |
        function handle(req) {{
          return {{status: 200}};
        }}
  static: {{dir: site}}
""")
        for args in ("init -qb main", "add -A", "commit -qm apps"):
            Run("git", *args.split(), cwd=monorepo)
        ours, many = alternate(self.options.rounds + 4, lambda: Run(self.options.binary, "validate", hello),
                               lambda: Run(self.options.binary, "validate", "--recursive", monorepo))
        row("validate of examples/hello", median(ours), "", "<= 20 ms", median(ours) <= 0.02)
        row("validate of a monorepo with 500 manifests", median(many), "", "<= 1 s", median(many) <= 1)
        self.memory("  its peak memory", many)

    def first_sync(self):
        works = (lambda namespace: self.sync(self.tree, namespace), self.curl_parallel, self.curl_each)
        ours, parallel, each = alternate(self.options.rounds, *map(self.into_fresh, works))
        ratio("first sync / curl --parallel-max 16", median(ours), median(parallel), 1.2)
        scaled = median(each) * len(self.names) / len(self.names[::SAMPLE])
        row(f"first sync, times faster than a curl per file ({len(self.names[::SAMPLE])} scaled)", median(ours), scaled, ">= 15 x",
            scaled >= 15 * median(ours), scaled / median(ours))
        row("  its requests (theirs: files and functions)", ours[0].requests, len(self.names) + 3)
        self.memory("  its peak memory", ours)

    def nothing_changed(self):
        namespace, small, other = self.fresh(), self.temp / "small", self.fresh()
        generate(small, 100)
        self.sync(small, other), self.sync(self.tree, namespace)
        hashes = f"find static -type f -print0 | xargs -0 -n 100 -P {os.cpu_count()} sha256sum"
        ours, sums, lists = alternate(self.options.rounds + 4, lambda: self.sync(self.tree, namespace),
                                      lambda: Run("sh", "-c", hashes, cwd=self.tree), lambda: self.listings(namespace))
        ratio("sync, nothing changed / sha256sum + listings", median(ours), median(sums) + median(lists), 1.5)
        self.memory("  its peak memory", ours)
        _, in_small = self.count(small, other)
        idle, busy = self.count(self.tree, namespace)
        row("  its requests, reported (theirs: counted)", idle[0], idle[1], "<= 6", max(idle[:2]) <= 6)
        row("  its writes, counted", idle[2], "", "0", idle[2] == 0)
        row("one file changed: requests (theirs: of 100 files)", busy[1], in_small[1], "<= theirs + 1", busy[1] <= in_small[1] + 1)

    def count(self, tree, namespace):
        """(reported, counted, writes) of a sync without changes and of one of a changed file."""
        counts = []
        with Counter(self.server) as counter:
            for change in (b"", b"/* changed */"):
                with open(tree / "static/d00/f00001.css", "ab") as file:
                    file.write(change)
                counter.methods.clear()
                run = self.sync(tree, namespace, url=counter.url)
                counts.append((run.requests, len(counter.methods), sum(method != "GET" for method in counter.methods)))
        Run("git", "checkout", "-q", ".", cwd=tree)
        return counts

    def from_url(self):
        bare, clone, cache = self.temp / "origin.git", self.temp / "clone", self.temp / "cache"
        Run("git", "clone", "-q", "--bare", self.tree, bare)
        with GitServer(self.temp, environment) as host:
            origin = f"{host.url}/{bare.name}"
            url = lambda namespace: self.sync(origin, namespace, "--cache-dir", cache)

            def cold(namespace):
                shutil.rmtree(cache, ignore_errors=True)
                return url(namespace)

            def clone_and_put(namespace):
                shutil.rmtree(clone, ignore_errors=True)
                run = Run("git", "clone", "-q", "--depth", "1", origin, clone)
                run.seconds += self.curl_parallel(namespace, clone).seconds
                return run

            ours, theirs = alternate(self.options.rounds, self.into_fresh(cold), self.into_fresh(clone_and_put))
            ratio("URL, empty cache / git clone + curl --parallel", median(ours), median(theirs), 1)
            row("  its peak memory", f"{peak(ours) / MB:.1f} MB", "", "<= 128 MB", peak(ours) <= 128 * MB)
            namespace = self.fresh()
            cold(namespace)
            warm = lambda: url(namespace)
            host.requests.clear()
            ours, remote, lists = alternate(self.options.rounds + 4, warm, lambda: Run("git", "ls-remote", origin, "HEAD"),
                                            lambda: self.listings(namespace))
            ratio("URL, nothing changed / 3 ls-remote + listings + 30 ms", median(ours), 3 * median(remote) + median(lists) + 0.03, 1)
            row("  its requests", ours[0].requests, "", "<= 6", ours[0].requests <= 6)
            row("  packs fetched", sum("POST" in line for line in host.requests) - len(remote), "", "0", sum("POST" in line for line in host.requests) == len(remote))
            changed, fetched = [], []
            for number in range(self.options.rounds):
                (self.tree / "static/d00/f00001.css").write_text(f"/* {number} */")
                Run("git", "commit", "-qam", f"change {number}", cwd=self.tree)
                Run("git", "push", "-q", bare, "main", cwd=self.tree)
                works = [lambda: changed.append(warm()), lambda: fetched.append(Run("git", "fetch", "-q", "--depth", "1", cwd=clone))]
                for work in works[::(-1) ** number]:
                    os.sync(), work()
            ratio("URL, one file changed / 3 fetch + 2 listings + 50 ms", median(changed), 3 * median(fetched) + 2 * median(lists) + 0.05, 1)
            row("  its requests", changed[0].requests)

    def unrelated_file(self):
        peaks = {}
        with GitServer(self.temp, environment) as host:
            for name, size in (("lean", 0), ("fat", 1 << 30)):
                tree, bare = self.temp / name, self.temp / f"{name}.git"
                generate(tree, 100)
                with open(tree / "elsewhere.bin", "wb") as file:
                    file.truncate(size)
                for args in ("add -A", "commit -qm elsewhere"):
                    Run("git", *args.split(), cwd=tree)
                Run("git", "clone", "-q", "--bare", tree, bare)
                run = self.into_fresh(lambda namespace: self.sync(f"{host.url}/{bare.name}", namespace, "--no-cache"))()
                peaks[name] = run.peak
        row("URL, 1 GiB elsewhere in it: peak memory (theirs: without)", f"{peaks['fat'] / MB:.1f} MB", f"{peaks['lean'] / MB:.1f} MB",
            "<= + 16 MB", peaks["fat"] <= peaks["lean"] + 16 * MB)

    def huge_file(self):
        tree = self.temp / "huge"
        generate(tree, 1)
        with open(tree / "static/huge.bin", "wb") as file:
            file.truncate(1 << 30)
        run = self.into_fresh(lambda namespace: self.sync(tree, namespace, "--timeout", "120s"))()
        self.memory(f"a file of 1 GiB ({run.seconds:.1f} s): peak memory", [run], 160)


def arguments(doc, compared):
    """What every bench can be told. `doc` is its file's own text, `compared` what that says."""
    parser = argparse.ArgumentParser(description=doc.split("\n\n")[0], epilog=f"The text at the top of the file says what is {compared}.")
    default = Path(__file__).resolve().parent.parent / "target/release/zerverless-gitops"
    parser.add_argument("--binary", type=Path, default=default, help="default: target/release/zerverless-gitops")
    parser.add_argument("--server", help="an orchestrator's URL; default: the embedded one, started for this")
    return parser


def carry_out(options, kind, groups):
    """Measures group after group (a name and what measures it) with a bench of that kind, in a temporary directory; ends the process."""
    if not options.binary.exists():
        sys.exit(f"{options.binary} does not exist; build it with: cargo build --release")
    options.binary = options.binary.resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    failed = False
    with tempfile.TemporaryDirectory(prefix="bench-") as temp:
        environment["HOME"] = temp
        with kind(options, Path(temp)) as bench:
            print(f"{bench.about()}; {os.cpu_count()} cores; {bench.server.url} ({'given' if options.server else 'embedded'})")
            print(f"{'work':<57}{'ours':>12}{'theirs':>13}{'ratio':>8}  {'bound':<13}{'':<6}load")
            for name, group in groups.items():
                try:
                    group(bench)
                except (Failed, OSError) as failure:
                    failed = True
                    print(f"{name} cannot be measured: {failure}", flush=True)
    sys.exit(failed)


def main():
    groups = ("start", "validate", "validate_small", "first_sync", "nothing_changed", "from_url", "unrelated_file", "huge_file")
    parser = arguments(__doc__, "compared with what")
    parser.add_argument("--rounds", type=int, default=5, help="alternating runs; default 5")
    parser.add_argument("--parallelism", type=int, default=8, help="of our sync; default 8")
    parser.add_argument("--skip", action="append", default=[], choices=groups, help="leave a group out, e.g. huge_file; repeatable")
    options = parser.parse_args()
    carry_out(options, Bench, {group: getattr(Bench, group) for group in groups if group not in options.skip})


if __name__ == "__main__":
    main()
