"""Servers that tests talk to: one that answers as it is told and remembers what it was asked, and the live one."""
import contextlib
import http.server
import json
import os
import socket
import threading
import urllib.request

LIVE = os.environ["INFRAMIND_TEST_URL"]
TOKEN = "dev-key-change-in-production"


class Request:
    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body

    @property
    def json(self):
        return json.loads(self.body)


class Receiver:
    """Answers with `answer(request) -> (status, body)`; a `str` or `bytes` is sent as it is, anything else as JSON."""

    def __init__(self, answer):
        self.requests = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_any(self):
                length = int(self.headers.get("Content-Length") or 0)
                request = Request(self.command, self.path, dict(self.headers), self.rfile.read(length))
                receiver.requests.append(request)
                status, body = answer(request)
                data = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(data)

            do_GET = do_POST = do_PATCH = handle_any

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def asked(self, path):
        return [request for request in self.requests if request.path == path]


@contextlib.contextmanager
def silent():
    """An address that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def nobody():
    """An address where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def live(path, body=None):
    """What the live server answers, as an object."""
    request = urllib.request.Request(LIVE + path, headers={"X-IM-Token": TOKEN, "Content-Type": "application/json"})
    with urllib.request.urlopen(request, json.dumps(body).encode() if body is not None else None, timeout=20) as answer:
        return json.load(answer)


def recommendation(**changes):
    """An answer of `POST /optimize`."""
    answer = {
        "suggestions": {"concurrency": 6, "cpu_req": 6, "mem_req_gb": 8, "cache": {"ccache": True, "size_gb": 10}},
        "limits": {"cpu": 6, "mem_gb": 7.25},
        "baseline": {"concurrency": 4, "cpu_req": 4, "mem_req_gb": 16},
        "rationale": "six jobs fit", "confidence": 0.8, "recommendation_id": "r-1", "mode": "suggest", "source": "history",
        "explored": False, "predicted": {"oom_probability": 0.005}, "reasons": [{"code": "x", "text": "seen in 40 runs", "evidence": {}}],
        "guardrails": [], "steps": {}, "model_version": "closed-form", "expires_at": "2099-01-01T00:00:00Z", "propensity": 1,
    }
    answer.update(changes)
    return answer


def answering(answer):
    """Answers `/optimize` with this, and takes every report."""
    return lambda request: (200, answer) if request.path == "/optimize" else (200, {"ok": True})
