"""The pages over a store of their own, served as the daemon serves them, with people who are logged in."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from connectors.clock import utc_now
from connectors.connector import Connector
from monitor import desk
from monitor.access.person import EVERY, Role
from monitor.access.sessions import log_in
from monitor.config.schema import Settings
from monitor.config.web import Web
from monitor.desk import Command
from monitor.service.health import Health
from monitor.store.readers import Readers
from monitor.store.sqlite import SqliteStore
from monitor.web.app import make_app
from monitor.web.entrance import Entrance
from monitor.web.server import WebServer
from monitor.web.site import Site, Views
from tests.services import make_settings
from tests.web_site import PASSWORD, hash_once

ROLES = {"ada": Role.AGENT, "ben": Role.AGENT, "viewer": Role.VIEWER, "carla": Role.APPROVER}


class InboxSite:
    """A running web server over a store; `address` is where."""

    def __init__(self, path: Path, connectors: Callable[[], Mapping[str, Connector]] = dict, **settings: Any) -> None:
        self.store = SqliteStore(path)
        self.settings: Settings = make_settings(**settings)
        self._readers = Readers(path)
        self._keys: dict[str, str] = {}
        site = Site(
            reading=self._readers.reading,
            execute=self._execute,
            settings=lambda: self.settings,
            clock=utc_now,
            views=Views(Health, bytes),
            revision=self._readers.revision,
            writing=lambda: nullcontext(self.store),
            connectors=connectors,
        )
        web = Web(listen="127.0.0.1:0")
        self.cookie = Entrance.from_config(web).cookie
        self._server = WebServer.from_config(make_app(site, web), web)
        self.address = self._server.start()

    def key_of(self, name: str) -> str:
        """Return what the cookie of somebody holds who is logged in."""
        if name not in self._keys:
            if self.store.user(name) is None:
                self.store.add_user(name, {EVERY: ROLES.get(name, Role.AGENT)}, hash_once(), "test", utc_now())
            self._keys[name] = log_in(self.store, name, PASSWORD, "127.0.0.1", utc_now())
        return self._keys[name]

    def stop(self) -> None:
        """End the server and the store."""
        self._server.stop()
        self._readers.close()
        self.store.close()

    def _execute(self, command: Command) -> dict[str, Any]:
        return desk.execute(self.store, self.settings, command, utc_now())
