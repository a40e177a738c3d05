"""Whoever tunes one brand reads nothing of another: the lab of a page replays a brand alone, with its own pins."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.config.brand_draft import BrandDraft
from monitor.desk.workshop import Workshop, report_json
from tests.builders import NOW
from tests.tuning_site import TunedSite


@pytest.fixture
def site(tmp_path: Path) -> Iterator[TunedSite]:
    opened = TunedSite(tmp_path, now=NOW)
    yield opened
    opened.close()


def report_of(site: TunedSite, brand: str) -> str:
    workshop = site.site.workshop
    assert isinstance(workshop, Workshop)
    bench = workshop.bench(brand)
    draft = BrandDraft(brand, bench.draft.watches, ("broken",))
    return report_json(workshop.replay(site.store, draft, NOW, lambda _: None))


def test_a_report_names_the_brand_alone(site: TunedSite) -> None:
    told = json.loads(report_of(site, "nova"))
    assert {watch["brand"] for watch in told["watches"]} == {"nova"}
    assert [line["text"] for line in told["lost"]["worst"]] == ["nova is broken"]
    assert told["pins"] == []


def test_pins_of_the_brand_are_run(site: TunedSite) -> None:
    assert [pin["id"] for pin in json.loads(report_of(site, "lumo"))["pins"]] == ["p1"]
    assert "nova" not in report_of(site, "lumo")
