"""A site over a store in a file, served on loopback, with a clock that tests set."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from monitor import desk
from monitor.access.passwords import hash_password
from monitor.access.person import Role
from monitor.config.schema import Settings
from monitor.config.web import Web
from monitor.desk import Command
from monitor.service.health import Health
from monitor.store.readers import Readers
from monitor.store.sqlite import SqliteStore
from monitor.web.app import make_app
from monitor.web.server import WebServer
from monitor.web.site import Site, Views
from tests.builders import NOW
from tests.services import make_settings

PASSWORD = "correct horse battery"
_HASHES: dict[str, str] = {}


def hash_once(password: str = PASSWORD) -> str:
    """Return a hash of a password, made once in a run: each takes its time on purpose."""
    return _HASHES.setdefault(password, hash_password(password))


class WebSite:
    """Pages over a store of their own. `now` is what the clock says."""

    def __init__(self, folder: Path, *, views: Views | None = None, **settings: Any) -> None:
        self.now: datetime = NOW
        self.settings: Settings = make_settings(**settings)
        self.store = SqliteStore(folder / "web.db")
        self.readers = Readers(folder / "web.db")
        self.executed: list[Command] = []
        self.site = Site(
            reading=self.readers.reading,
            execute=self._execute,
            settings=lambda: self.settings,
            clock=lambda: self.now,
            views=views or Views(Health, bytes),
            revision=self.readers.revision,
            writing=lambda: nullcontext(self.store),
        )

    def _execute(self, command: Command) -> dict[str, Any]:
        self.executed.append(command)
        return desk.execute(self.store, self.settings, command, self.now)

    def add(self, name: str, *, password: str = PASSWORD, **roles: str) -> None:
        """Make a person; `every="admin"` is a role for every brand."""
        given = {"*" if brand == "every" else brand: Role(role) for brand, role in roles.items()}
        self.store.add_user(name, given, hash_once(password), "test", self.now)

    def wait(self, **span: float) -> None:
        """Have the clock go on."""
        self.now += timedelta(**span)

    @contextmanager
    def served(self, web: Web | None = None) -> Iterator[str]:
        """Serve the pages for the block; gives the address."""
        chosen = web or Web(listen="127.0.0.1:0")
        server = WebServer.from_config(make_app(self.site, chosen), chosen)
        try:
            yield server.start()
        finally:
            server.stop()

    def close(self) -> None:
        """Close what is open."""
        self.readers.close()
        self.store.close()


class Browser(httpx.Client):
    """A client that behaves like a browser: names its origin, keeps cookies, and sends the key of its forms."""

    def __init__(self, address: str, **options: Any) -> None:
        headers = {"Accept": "text/html,*/*", "Sec-Fetch-Site": "same-origin", "Origin": address}
        super().__init__(base_url=address, headers=headers, timeout=10, trust_env=False, **options)

    def csrf(self, path: str = "/account") -> str:
        """Return the key that the forms of a page hold."""
        page = self.get(path).text
        return page.partition('name="csrf" value="')[2].partition('"')[0]

    def log_in(self, name: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
        """Send the form of the login."""
        return self.post("/login", data={"name": name, "password": password, **fields})

    def submit(self, path: str, **fields: Any) -> httpx.Response:
        """Send a form of ours, with its key."""
        return self.post(path, data={"csrf": self.csrf(), **fields})
