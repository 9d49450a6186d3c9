"""Git over HTTP on loopback, as hosts serve it: `git http-backend` behind an HTTP server."""
import http.server, os, subprocess, sys, threading


class GitServer:
    """Serves the repositories below `root`, while the `with` lasts. `requests` are the lines of those that came."""

    def __init__(self, root, environment):
        server = self

        class Backend(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def backend(self):
                server.requests.append(f"{self.command} {self.path}")
                path, _, query = self.path.partition("?")
                names = {"CONTENT_TYPE": "Content-Type", "CONTENT_LENGTH": "Content-Length", "HTTP_CONTENT_ENCODING": "Content-Encoding",
                         "HTTP_GIT_PROTOCOL": "Git-Protocol"}
                variables = {name: self.headers[header] for name, header in names.items() if self.headers[header]}
                process = subprocess.Popen(["git", "http-backend"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                           env={**environment, "GIT_PROJECT_ROOT": str(root), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
                                                "QUERY_STRING": query, "REQUEST_METHOD": self.command, **variables})
                # Git asks in one piece or, when it has much to ask, in chunks.
                body = self.rfile.read(int(self.headers["Content-Length"] or 0)) if "chunked" not in (self.headers["Transfer-Encoding"] or "") else self.chunks()
                process.stdin.write(body)
                process.stdin.close()
                status, headers = "200", []
                for line in iter(process.stdout.readline, b"\r\n"):
                    name, _, value = line.decode().strip().partition(": ")
                    if name == "Status":
                        status = value.split()[0]
                    elif name:
                        headers.append((name, value))
                    else:
                        break
                self.send_response_only(int(status))
                for name, value in [*headers, ("Transfer-Encoding", "chunked")]:
                    self.send_header(name, value)
                self.end_headers()
                while piece := process.stdout.read1(1 << 16):
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.write(b"0\r\n\r\n")
                process.wait()

            def chunks(self):
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            do_GET = do_POST = backend

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 128

            def handle_error(self, request, client_address):
                # A client that goes away is none of the host's troubles.
                if not isinstance(sys.exc_info()[1], ConnectionError):
                    super().handle_error(request, client_address)

        self.requests = []
        self.server = Server(("127.0.0.1", 0), Backend)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
