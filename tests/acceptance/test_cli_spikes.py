"""`spikes` as its users meet it: a store on disk, a process of its own."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.steps.spikes import spikes
from tests.acceptance.command_line import CONFIG, make_home, run_in
from tests.services import make_services
from tests.spiking import heard_store, rant


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG)
    now = datetime.now(UTC)
    store = heard_store(now=now, path=tmp_path / "monitor.db", source="x")
    services = make_services()
    rant(store, services, 20, now, text="lumo \x9b31m checkout broken")
    spikes(store, services, now, 5)
    store.connection.query("UPDATE sources SET name = 'file'", {})
    store.connection.query("UPDATE tallies SET source = 'file'", {})
    store.close()
    return tmp_path


def test_spikes_and_the_last_day_are_shown(home: Path) -> None:
    told = run_in(home, "spikes")
    assert (told.code, told.err) == (0, "")
    assert "\x9b" not in told.out
    head, spike, _, title, seen, usual = told.out.splitlines()
    assert head.split()[:4] == ["ID", "LEVEL", "BRAND", "SINCE"]
    assert spike.split()[:3] == ["1", "high", "lumo"]
    assert "checkout ×20" in spike
    assert title.startswith("lumo: 1")
    assert "█" in seen
    assert "█" not in usual
    assert usual.endswith("in all)")


def test_scripts_get_the_same_as_json(home: Path) -> None:
    told = json.loads(run_in(home, "spikes", "--json", "--brand", "lumo").out)
    (spike,), (day,) = told["spikes"], told["brands"]
    assert (spike["brand"], spike["state"], spike["level"], spike["series"]) == ("lumo", "open", "high", "count")
    assert spike["factor"] > 10
    assert spike["words"][0]["count"] == 20
    assert "checkout" in spike["posts"][0]["text"]
    assert (len(day["seen"]), len(day["usual"]), day["step_s"]) == (48, 48, 1800)
    assert sum(day["usual"]) == pytest.approx(144, abs=5)


def test_what_is_not_known_yet_is_said(tmp_path: Path) -> None:
    store = make_home(tmp_path)
    told = run_in(tmp_path, "spikes").out
    assert "no spike in the last 7d" in told
    assert "what is usual is not known yet; no source was read yet" in told
    store.register_sources({"file": "replay"})
    first = datetime.now(UTC) - timedelta(hours=2)
    store.connection.query("UPDATE sources SET first_poll_at = :at", {"at": round(first.timestamp() * 1000)})
    store.close()
    assert "rises are looked for from " in run_in(tmp_path, "spikes").out


def test_a_brand_that_is_not_in_the_config_is_refused(home: Path) -> None:
    told = run_in(home, "spikes", "--brand", "korvo")
    assert told.code == 2
    assert "no brand is named 'korvo'" in told.err
