"""A box office of a few lines for tests of load generators: it answers as it is told and counts what it answered."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar


@dataclass(slots=True, kw_only=True)
class Office:
    """Answers requests for holds with one status; knows its reservations, and takes payments for them once.

    An answer takes `seconds`.
    """

    status: int = 201
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    url: str = ""
    answered: Counter[int] = field(default_factory=Counter)
    bodies: set[bytes] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)
    unpaid: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    closed: threading.Event = field(default_factory=threading.Event)

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Mapping[str, str]]:
        """Decide on one request."""
        with self.lock:
            self.paths.add(f"{method} {path}")
            self.bodies.add(body)
            if path.startswith("/reservation/"):
                status, headers = (200, {}) if path in self.unpaid else (410, {})
                self.unpaid.discard(path)
            else:
                status, headers = self.status, dict(self.headers)
                if status == 201:
                    headers["Location"] = f"/reservation/{self.answered.total()}"
                    self.unpaid.add(headers["Location"])
            self.answered[status] += 1
            return status, headers


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    office: ClassVar[Office]

    def do_POST(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        status, headers = self.office.answer(self.command, self.path, body)
        if self.office.seconds:
            self.office.closed.wait(self.office.seconds)
        self.send_response(status)
        for name, value in {**headers, "Content-Length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Let a client leave without an answer: generators do, when their time is up."""


@contextmanager
def open_office(office: Office) -> Iterator[Office]:
    """Serve on a free port while the context lasts."""
    handler = type("Handler", (_Handler,), {"office": office})
    with _Server(("127.0.0.1", 0), handler) as server:
        office.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield office
        finally:
            office.closed.set()
            server.shutdown()
            thread.join()
