"""The web server: uvicorn in a thread of its own, without signal handlers."""

import socket
import ssl
import threading
from typing import TYPE_CHECKING, Self

from starlette.types import ASGIApp, Receive, Scope, Send

from monitor.config.web import Tls, Web
from monitor.errors import MonitorError
from monitor.web.address import LOOPBACK_HINT, is_loopback, split_listen

if TYPE_CHECKING:
    import uvicorn

_STOP_S = 2.0
_CONNECTIONS = 512
"""Requests at once: every open page holds a stream."""

_BACKLOG = 128


class CannotListen(MonitorError):
    """The address of the web server cannot be used."""

    next_step = "choose another `web.listen`"


class WebServer:
    """Serves one application at `listen` (`host:port`; port 0 takes a free one)."""

    def __init__(self, app: ASGIApp, listen: str, *, tls: Tls | None = None, behind_proxy: bool = False) -> None:
        self._app = app
        self._host, self._port = split_listen(listen)
        self._tls = tls
        self._behind_proxy = behind_proxy
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @classmethod
    def from_config(cls, app: ASGIApp, web: Web) -> Self:
        """Return the server that a config wants."""
        return cls(app, web.listen, tls=web.tls, behind_proxy=web.proxy is not None)

    def start(self) -> str:
        """Listen, and return the address, `http://host:port` or `https://…`. Raises CannotListen."""
        import uvicorn  # noqa: PLC0415  (only a daemon serves)

        self._check_certificate()
        listener = self._bind()
        config = uvicorn.Config(
            self._serve,
            interface="asgi3",
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            proxy_headers=False,
            limit_concurrency=_CONNECTIONS,
            ssl_certfile=self._tls.cert if self._tls else None,
            ssl_keyfile=self._tls.key if self._tls else None,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        # uvicorn leaves signals alone outside the main thread
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="web", daemon=True)
        self._thread.start()
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http{'s' if self._tls else ''}://{host}:{listener.getsockname()[1]}"

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, which can ask whether the server is about to stop: live updates end by themselves then."""
        scope.setdefault("state", {})["stopping"] = lambda: self._server is None or self._server.should_exit
        await self._app(scope, receive, send)

    def stop(self) -> None:
        """Answer no more."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(_STOP_S)
        self._server = None

    def _check_certificate(self) -> None:
        """Raise CannotListen for a certificate that cannot be used: the server's own thread could tell nobody."""
        if self._tls is None:
            return
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self._tls.cert, self._tls.key)
        except (OSError, ssl.SSLError) as error:
            cause = f"cannot be used: {error.strerror or error!s}".lower()
            raise CannotListen("web.tls", cause, "check both files, their owner and mode") from error

    def _bind(self) -> socket.socket:
        subject = f"web.listen {self._host}:{self._port}"
        if not (is_loopback(self._host) or self._tls or self._behind_proxy):
            raise CannotListen(subject, "is open to other machines, without TLS or proxy", LOOPBACK_HINT)
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            listener = socket.create_server((self._host, self._port), family=family, backlog=_BACKLOG)
        except OSError as error:
            raise CannotListen(subject, (error.strerror or str(error)).lower()) from error
        # connections take this over; asyncio does not set it on sockets of ours, and each answer would wait 40 ms
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
