"""The first start: where nobody has an account, the log shows a link by which the first admin is made."""

from collections.abc import Callable

from connectors.clock import Clock
from monitor.access.sessions import make_link
from monitor.service.log import log
from monitor.service.web_keeper import Listener
from monitor.store.store import Store


class Welcoming:
    """A web server that, once it listens, shows the link where nobody has an account yet."""

    def __init__(self, server: Listener, store: Store, public_url: Callable[[], str | None], clock: Clock) -> None:
        self._server = server
        self._store = store
        self._public_url = public_url
        self._clock = clock

    def start(self) -> str:
        """Listen, and show the link; returns the address. Raises MonitorError."""
        address = self._server.start()
        if not self._store.has_users():
            link = make_link(self._store, None, self._clock())
            base = self._public_url() or address
            log.info("first_admin", f"nobody has an account yet; make the first, within 24 hours: {base}/setup/{link}")
        return address

    def stop(self) -> None:
        """Answer no more."""
        self._server.stop()
