"""A site with something of everything that the interface shows, and clients with tokens."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from monitor.access.person import Deed
from monitor.access.tokens import make_token
from monitor.config.schema import Brand, Watch
from monitor.domain import Level, Severity
from monitor.rules.recall import Drawn, Drop
from monitor.store.records import Draw
from tests.builders import (
    NOW,
    make_decision,
    make_drop,
    make_mention,
    make_verdict,
    minutes,
    store_case,
    store_mentions,
)
from tests.incident_cases import store_complaint, store_incident
from tests.web_site import WebSite

BRANDS = {
    "lumo": Brand(handles={"x": ("lumo",)}, watches=(Watch(name="name", query="lumo"),)),
    "acme": Brand(handles={"x": ("acme",)}, watches=(Watch(name="name", query="acme"),)),
}
ALL = tuple(Deed)


class ApiSite(WebSite):
    """Cases of the brand lumo: two high ones, one about safety, three of an incident, one of acme, and a drop."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, brands=BRANDS)
        self._clients: list[httpx.Client] = []
        self.first = store_case(self.store, Level.HIGH, text="my lumo lamp is broken", native_id="1001")
        self.second = store_case(self.store, Level.NORMAL, text="the second lamp of lumo is broken too")
        self.grave = self._open("lumo", "my lumo lamp caught fire", Level.CRITICAL, Severity.SAFETY)
        self.foreign = self._open("acme", "acme has sent me a broken anvil", Level.HIGH, Severity.MONEY)
        self.members = [store_complaint(self.store, text=f"lumo login fails, number {number}") for number in range(3)]
        self.incident = store_incident(self.store, self.members)
        self.sample = self._draw("lumo, I wait for my lamp since three weeks")
        for name, role in (("ana", "manager"), ("ben", "approver"), ("vera", "viewer")):
            self.add(name, lumo=role)
        self.add("root", every="admin")

    def key(self, name: str, deeds: tuple[Deed, ...] = ALL, *brands: str) -> str:
        """Return a token of a person."""
        return make_token(self.store, name, "test", deeds, brands, name, self.now)[1]

    def client(self, address: str, name: str, deeds: tuple[Deed, ...] = ALL, *brands: str) -> httpx.Client:
        """Return a client with a token of a person."""
        headers = {"Authorization": f"Bearer {self.key(name, deeds, *brands)}"}
        made = httpx.Client(base_url=f"{address}/api/v1", headers=headers, timeout=10, trust_env=False)
        self._clients.append(made)
        return made

    def close(self) -> None:
        """Close what is open."""
        for client in self._clients:
            client.close()
        super().close()

    def _open(self, brand: str, text: str, level: Level, severity: Severity) -> int:
        hit = self._hit(brand, text)
        decision = make_decision(level, 70, severity=(severity,))
        assert self.store.save_decision(hit, decision, make_verdict(), self.store.history(hit, NOW, ()), "r1", NOW)
        return self.store.open_case(hit, decision, NOW + minutes(30), NOW)

    def _hit(self, brand: str, text: str) -> Any:
        if brand == "lumo":
            store_mentions(self.store, [make_mention(text)])
        else:
            claim = self.store.claim_source(["x"], NOW, 60, due=NOW + timedelta(days=9))
            assert claim is not None
            mentions = [(make_mention(text), {brand: ("name",)})]
            assert self.store.save_page(claim, mentions, (), {}, NOW, platform="x", returned=1, skipped=0)
            assert self.store.finish_poll(claim, NOW, NOW)
        ((hit, _),) = self.store.claim_hits(NOW, 60, 10)
        return hit

    def _draw(self, text: str) -> int:
        hit = self._hit("lumo", text)
        drop = make_drop()
        assert drop.drop is not None
        assert self.store.save_decision(hit, drop, make_verdict(0.2), self.store.history(hit, NOW, ()), "r1", NOW)
        frame = [Drop(hit.id, "lumo", "x", drop.drop, 0.2)]
        draw = Draw("2026-03-04", NOW - timedelta(days=1), NOW, NOW - minutes(1))
        assert self.store.save_draw(draw, frame, [Drawn(frame[0], 0.5)])
        (found,) = self.store.samples(NOW - timedelta(days=2))
        return found.id
