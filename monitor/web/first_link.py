"""The first start: where nobody has an account, the log shows a link by which the first admin is made."""

import threading
from collections.abc import Callable

from connectors.clock import Clock
from monitor.access.sessions import make_link
from monitor.errors import StoreError
from monitor.service.log import log
from monitor.service.web_keeper import Listener
from monitor.store.store import Store

_RETRY_S = 5.0


class Welcoming:
    """A web server that, once it listens, shows the link where nobody has an account yet.

    The link is written in a thread of its own: a store that another process holds must not keep the pages back.
    """

    def __init__(self, server: Listener, store: Store, public_url: Callable[[], str | None], clock: Clock) -> None:
        self._server = server
        self._store = store
        self._public_url = public_url
        self._clock = clock
        self._stopped = threading.Event()

    def start(self) -> str:
        """Listen, and show the link soon; returns the address. Raises MonitorError."""
        address = self._server.start()
        self._stopped.clear()
        threading.Thread(target=self._welcome, args=(address,), name="welcome", daemon=True).start()
        return address

    def stop(self) -> None:
        """Answer no more."""
        self._stopped.set()
        self._server.stop()

    def _welcome(self, address: str) -> None:
        while not self._stopped.is_set():
            try:
                self._show_link(address)
            except StoreError:
                self._stopped.wait(_RETRY_S)
            else:
                return

    def _show_link(self, address: str) -> None:
        if not self._store.has_users():
            link = make_link(self._store, None, self._clock())
            base = self._public_url() or address
            log.info("first_admin", f"nobody has an account yet; make the first, within 24 hours: {base}/setup/{link}")
