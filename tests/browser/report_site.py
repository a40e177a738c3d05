"""Dashboard and reports over a history of two months, served as the daemon serves them; the clock stands still."""

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from monitor.access.sessions import log_in
from monitor.config.schema import Brand, Watch
from monitor.config.web import Web
from monitor.store.sqlite import SqliteStore
from monitor.web.entrance import Entrance
from tests.report_history import ZONE, fill
from tests.web_site import PASSWORD, WebSite

NOW = datetime(2026, 11, 26, 15, tzinfo=UTC)
BRANDS = ("lumo", "nova")
HOSTILE = "\u202e\"><script>window.pwned=1</script><img src=x onerror=window.pwned=1>{{7*7}}'=1+1"
"""A name that wants to be more: markup, an attribute, a template, a formula, and letters that turn the line around."""


class ReportSite:
    """A running web server; `hostile` gives every name that can be foreign the worst of names."""

    def __init__(self, folder: Path, *, mentions: int = 1500, hostile: bool = False) -> None:
        self._open = ExitStack()
        brand = Brand(handles={"x": ("lumo",)}, watches=(Watch(name="name", query="lumo"),), zone=ZONE)
        self.site = WebSite(folder, brands=dict.fromkeys(BRANDS, brand), cost_per_hour=42.0)
        self._open.callback(self.site.close)
        self.store: SqliteStore = self.site.store
        fill(self.store, mentions=mentions, before=mentions // 3, case_share=0.3)
        if hostile:
            spoil(self.store)
            # no config is read with such a name; should one ever be, it is still only text
            self.site.settings = self.site.settings.model_copy(update={"brands": {HOSTILE: brand, "nova": brand}})
        self.site.now = NOW
        web = Web(listen="127.0.0.1:0")
        self.cookie = Entrance.from_config(web).cookie
        self.address = self._open.enter_context(self.site.served(web))
        self._keys: dict[str, str] = {}

    def key_of(self, name: str) -> str:
        """Return what the cookie of somebody holds who is logged in; everybody may look at every brand."""
        if name not in self._keys:
            if self.store.user(name) is None:
                self.site.add(name, every="viewer")
            self._keys[name] = log_in(self.store, name, PASSWORD, "127.0.0.1", NOW)
        return self._keys[name]

    def stop(self) -> None:
        """End the server and the store."""
        self._open.close()


def spoil(store: SqliteStore) -> None:
    """Give brand, causes, platforms, words, sources, receivers and notes a hostile name."""
    changes = (
        *(f"UPDATE {table} SET brand = :name WHERE brand = 'lumo'" for table in ("cases", "hits", "case_times")),
        "UPDATE post_counts SET brand = :name WHERE brand = 'lumo'",
        "UPDATE cases SET cause = :name WHERE cause = 'outage'",
        "UPDATE case_times SET platform = :name WHERE platform = 'reddit'",
        "UPDATE post_counts SET platform = :name WHERE platform = 'reddit'",
        "UPDATE post_counts SET lang = :name WHERE lang = 'de'",
        "UPDATE sources SET reason = :name, state = 'stopped'",
        "INSERT INTO cause_fixes VALUES (:name, :name, '2026-11-10', :name, 'ada', 1)",
        "INSERT OR REPLACE INTO receiver_states (receiver, failures, reason, error) VALUES ('desk', 3, :name, :name)",
    )
    with store.write():
        for change in changes:
            store.connection.query(change, {"name": HOSTILE})
