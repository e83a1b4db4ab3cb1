"""An HTTP proxy that lets a client which knows only collections and files work in a calendar."""

import base64
import re
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from televent import Answer, Server

# What is told apart, or made anew, on the way.
NOT_FORWARDED = {"host", "connection", "te", "content-length", "transfer-encoding", "expect"}

MKCALENDAR = """<C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop/></set></C:mkcalendar>"""

EVENT = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Televent//tests//EN\r
BEGIN:VEVENT\r
UID:{uid}\r
DTSTAMP:20300101T000000Z\r
DTSTART:20300107T090000Z\r
X-CONTENT:{content}\r
END:VEVENT\r
END:VCALENDAR\r
"""


class Adapter:
    """Runs while it is entered; the value is its URL, whose `litmus/` is a calendar of the server's first person."""

    def __init__(self, server: Server) -> None:
        handler = type("BoundHandler", (Handler,), {"server_behind": server})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)

    def __enter__(self) -> str:
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._http.server_port}/"

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_behind: Server

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self._behind(self.path)
        if self.command == "PUT":
            answer = self._ask("PUT", path, self._event(path, body), {"Content-Type": "text/calendar"})
        elif self.command == "MKCOL" and not body and self.path == "/litmus/":
            answer = self._ask("MKCALENDAR", path, MKCALENDAR, {"Content-Type": "application/xml"})
        else:
            answer = self._ask(self.command, path, body)
        self._answer(answer, self._body(answer))

    do_OPTIONS = do_GET = do_HEAD = do_PUT = do_DELETE = do_MKCOL = handle_any
    do_PROPFIND = do_PROPPATCH = do_COPY = do_MOVE = handle_any

    def _ask(self, method: str, path: str, body: str | bytes = "", more: dict[str, str] | None = None) -> Answer:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in NOT_FORWARDED}
        if "Destination" in headers:
            path_there = re.sub(r"^https?://[^/]*", "", headers["Destination"])
            headers["Destination"] = self.server_behind.url.rstrip("/") + self._behind(path_there)
        return self.server_behind.request(method, path, body, headers | (more or {}))

    def _behind(self, path: str) -> str:
        return self.server_behind.home + path.removeprefix("/")

    def _event(self, path: str, text: bytes) -> str:
        # A resource keeps the UID that it has.
        existing = re.search(r"\r\nUID:(.*)\r\n", self._ask("GET", path).body)
        uid = existing.group(1) if existing else str(uuid.uuid4())
        return EVENT.format(uid=uid, content=base64.b64encode(text).decode())

    def _body(self, answer: Answer) -> bytes:
        content = re.search(r"\r\nX-CONTENT:(.*)\r\n", answer.body)
        if content is not None:
            return base64.b64decode(content.group(1))
        return answer.body.replace(self.server_behind.home, "/").encode()

    def _answer(self, answer: Answer, body: bytes) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name not in NOT_FORWARDED:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """litmus tells what matters."""
