# Runs a function's code as the real server's workers do: `import json` and `INPUT = …` in front, no call of a handler; what is printed is the answer.
# Limits are set before the code runs. What the real interpreter (CPython on WASI) does not have is refused: sockets and other processes.
import ast, json, linecache, resource, signal, sys, traceback

job = json.load(sys.stdin)
name, code = job["name"], job["code"]
for limit, value in ((resource.RLIMIT_AS, job["memory"]), (resource.RLIMIT_CPU, job["seconds"]), (resource.RLIMIT_CORE, 0)):
    try:
        resource.setrlimit(limit, (value, value))
    except (OSError, ValueError):
        pass
# The server kills a function that is late; should the server be gone, this does.
signal.alarm(job["seconds"] + 1)

FRONT = "import json\nINPUT = json.loads(%r)\n" % json.dumps(job["input"], ensure_ascii=False)
HIDDEN = FRONT.count("\n")
linecache.cache[name] = (len(code), None, code.splitlines(True), name)


def refuse(event, _):
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "pty.")):
        raise PermissionError("functions have no network and start no processes (%s)" % event)


def explain(kind, error, trace):
    if isinstance(error, SyntaxError) and error.filename == name and error.lineno:
        error.lineno = max(error.lineno - HIDDEN, 1)
        if error.end_lineno:
            error.end_lineno = max(error.end_lineno - HIDDEN, 1)
        sys.stderr.write("%s:%d:%d: %s\n" % (name, error.lineno, error.offset or 1, error.msg))
    while trace and trace.tb_frame.f_code.co_filename != name:
        trace = trace.tb_next
    traceback.print_exception(kind, error, trace)


sys.excepthook = explain
tree = ast.parse(FRONT + code, name)
for node in ast.walk(tree):
    if hasattr(node, "lineno"):
        node.lineno = max(node.lineno - HIDDEN, 1)
        node.end_lineno = max(node.end_lineno - HIDDEN, 1)
program = compile(tree, name, "exec")
sys.addaudithook(refuse)
exec(program, {"__name__": "__main__", "__builtins__": __builtins__})
