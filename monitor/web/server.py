"""The web server: uvicorn in a thread of its own, without signal handlers, on loopback alone."""

import socket
import threading
from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from monitor.errors import MonitorError
from monitor.web.address import LOOPBACK_HINT, is_loopback, split_listen

if TYPE_CHECKING:
    import uvicorn

_STOP_S = 2.0
_CONNECTIONS = 64
_BACKLOG = 128


class CannotListen(MonitorError):
    """The address of the web server cannot be used."""

    next_step = "choose another `web.listen`"


class WebServer:
    """Serves one application at `listen` (`host:port`; port 0 takes a free one)."""

    def __init__(self, app: ASGIApp, listen: str) -> None:
        self._app = app
        self._host, self._port = split_listen(listen)
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> str:
        """Listen, and return the address, `http://host:port`. Raises CannotListen."""
        import uvicorn  # noqa: PLC0415  (only a daemon serves)

        listener = self._bind()
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            proxy_headers=False,
            limit_concurrency=_CONNECTIONS,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        # uvicorn leaves signals alone outside the main thread
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="web", daemon=True)
        self._thread.start()
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{listener.getsockname()[1]}"

    def stop(self) -> None:
        """Answer no more."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(_STOP_S)
        self._server = None

    def _bind(self) -> socket.socket:
        subject = f"web.listen {self._host}:{self._port}"
        if not is_loopback(self._host):
            raise CannotListen(subject, "is open to other machines, and the pages have no login", LOOPBACK_HINT)
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            return socket.create_server((self._host, self._port), family=family, backlog=_BACKLOG)
        except OSError as error:
            raise CannotListen(subject, (error.strerror or str(error)).lower()) from error
