"""A site whose config is a file that may be tuned: a keeper that judges by pins, a workshop, posts that were heard."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.clock import utc_now
from monitor import desk
from monitor.access.person import Role
from monitor.config.keeper import ConfigKeeper
from monitor.config.load import LoadedConfig, load_config
from monitor.config.schema import Settings
from monitor.config.web import Web
from monitor.desk import Command
from monitor.desk.workshop import Workshop, versions_beside
from monitor.errors import ConfigError
from monitor.lab.pins import broken, run_pins
from monitor.lab.report import Question, Span
from monitor.lab.side import Side
from monitor.lab.unheard import Version
from monitor.rules.match import Matcher, parse_watches
from monitor.rules.rules import compile_rules
from monitor.service.health import Health
from monitor.steps.triage import triage
from monitor.store.readers import Readers
from monitor.store.sqlite import SqliteStore
from monitor.web.app import make_app
from monitor.web.server import WebServer
from monitor.web.site import Site, Views
from tests.builders import make_mention, store_mentions
from tests.services import FakeClassifier, make_services
from tests.web_site import hash_once

CONFIG = """\
# The config of a lamp maker.
store: sqlite:///web.db
brands:
  lumo:                      # our lamps
    handles: {x: [lumo]}
    watches:
      - {name: name, query: 'lumo'}   # everything
  nova:
    watches:
      - {name: name, query: 'nova'}
sources:
  x: {kind: replay, path: posts.jsonl}
receivers: {}
"""
PINS = """\
pins:
  - {id: p1, brand: lumo, expect: alert, text: 'the lumo lamp at the festival stand is broken', because: 'a customer'}
"""
TEXTS = ("lumo lamp broken again", "lumo festival was broken by rain", "lumo festival line-up", "nova is broken")


class TunedSite:
    """A config, a store and what the pages need of both; `settings` follows the file, as a daemon does."""

    def __init__(self, folder: Path, *, now: datetime | None = None) -> None:
        self.config = folder / "config.yaml"
        self.config.write_text(CONFIG)
        (folder / "pins.yaml").write_text(PINS)
        (folder / "posts.jsonl").write_text("")
        self.now = now or utc_now()
        self.store, self.readers = SqliteStore(folder / "web.db"), Readers(folder / "web.db")
        self.classifier = FakeClassifier()
        self.keeper = ConfigKeeper(self.config, {}, self._judge, self._follow)
        self.settings: Settings = self.keeper.load().usable()
        self.hear(*TEXTS)
        self.execute(Command("config-apply", "test", {}))
        self.site, self._address = self.make_site(), ""

    def make_site(self) -> Site:
        """Return what the pages work with."""
        return Site(
            reading=self.readers.reading,
            execute=self.execute,
            settings=lambda: self.settings,
            clock=lambda: self.now,
            views=Views(Health, bytes),
            revision=self.readers.revision,
            writing=lambda: nullcontext(self.store),
            run_pins=lambda pins: run_pins(pins, self._side("config", self.settings), self.now),
            workshop=Workshop(self.keeper, self._ask, versions_beside(self.config, {})),
        )

    def hear(self, *texts: str) -> None:
        """Store posts of the last hour as each brand's watches want them, and decide them."""
        for brand in self.settings.brands:
            wanted = [make_mention(text, posted_at=self.now - timedelta(hours=1)) for text in texts if brand in text]
            store_mentions(self.store, wanted, now=self.now - timedelta(minutes=50), brand=brand)
        made = make_services(classifier=self.classifier)
        services = replace(made, settings=self.settings, rules=compile_rules(self.settings))
        while triage(self.store, services, self.now - timedelta(minutes=49)).count:
            pass

    def execute(self, command: Command) -> dict[str, Any]:
        """Do what a person wants, as the daemon does."""
        return desk.execute(self.store, self.settings, command, self.now, self.keeper)

    def add(self, name: str, **roles: str) -> None:
        """Make a person; `every="tuner"` is a role for every brand."""
        given = {"*" if brand == "every" else brand: Role(role) for brand, role in roles.items()}
        self.store.add_user(name, given, hash_once(), "test", self.now)

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve the pages for the block; gives the address, that of the outer block within another one."""
        if self._address:
            yield self._address
            return
        web = Web(listen="127.0.0.1:0")
        server = WebServer.from_config(make_app(self.site, web), web)
        try:
            self._address = server.start()
            yield self._address
        finally:
            server.stop()
            self._address = ""

    def close(self) -> None:
        """Close what is open."""
        self.readers.close()
        self.store.close()

    def _follow(self) -> None:
        self.settings = load_config(self.config, environ={}).usable()

    def _judge(self, loaded: LoadedConfig) -> None:
        failed = broken(run_pins(loaded.pins, self._side("config", loaded.usable()), self.now))
        if failed:
            raise ConfigError(loaded.file, [result.problem for result in failed])

    def _side(self, name: str, settings: Settings) -> Side:
        matcher = Matcher(parse_watches(settings.brands))
        return Side(name, settings, compile_rules(settings), matcher, self.classifier)

    def _ask(self, new: LoadedConfig, present: LoadedConfig, versions: Any, span: Span) -> Question:
        side = self._side(new.file, new.usable())
        known: list[Version] = list(versions)
        base = self._side(present.file, present.usable())
        return Question(base, side, span.since, span.until, known, {}, run_pins(new.pins, side, span.until))
