"""`shift …` and the chain in `queue show`, as people type them."""

import json
from pathlib import Path

import pytest

from monitor.domain import Level
from tests.acceptance.command_line import CONFIG, make_home, run_in
from tests.builders import store_case

STAFFED = """\
people:
  ana: {receivers: desk, zone: Europe/Berlin}
  ben: {receivers: desk, zone: Asia/Tokyo}
shifts:
  - {who: ana}
escalation:
  critical: {steps: [{notify: next-on-shift, wait: 5m, repeat: 2}, {notify: everyone}]}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    store = make_home(tmp_path, CONFIG + STAFFED)
    store_case(store, Level.CRITICAL)
    store.close()
    return tmp_path


def test_shifts_are_shown_changed_and_put_back(home: Path) -> None:
    assert run_in(home, "shift", "now").out == "on shift: ana, for the next two weeks (Europe/Berlin)\n"
    kept = run_in(home, "shift", "override", "ben", "--for", "8h", "--instead-of", "ana", "--as", "kim")
    assert kept.out == "shift change 1 is kept; end it with `complaint-monitor shift end 1`\n"
    shown = run_in(home, "shift", "now").out.splitlines()
    assert shown[0].startswith("on shift: ben, till ")
    assert shown[0].endswith("(Asia/Tokyo)")
    assert shown[1].startswith("next: ana at ")
    listed = json.loads(run_in(home, "shift", "list", "--json").out)
    assert listed["shifts"][0]["who"] == ["ana"]
    assert [(change["who"], change["instead_of"], change["author"]) for change in listed["changes"]] == [
        ("ben", "ana", "kim")
    ]
    assert "for ana" in run_in(home, "shift", "list").out
    assert run_in(home, "shift", "end", "1").out == "shift change 1 has ended\n"
    now = json.loads(run_in(home, "shift", "now", "--json").out)
    assert [person["name"] for person in now["on_shift"]] == ["ana"]


def test_an_absence_that_leaves_nobody_says_so(home: Path) -> None:
    said = run_in(home, "shift", "absent", "ana", "--for", "2h", "--reason", "ill").out
    assert "so that everybody is told" in said
    assert run_in(home, "shift", "now").out.splitlines()[0] == "nobody is on shift: everybody is told"


def test_strangers_and_times_that_are_past_are_refused(home: Path) -> None:
    stranger = run_in(home, "shift", "absent", "anna", "--for", "2h")
    assert (stranger.code, "did you mean 'ana'?" in stranger.err) == (1, True)
    assert run_in(home, "shift", "absent", "ana", "--for", "2020-01-01").code == 2
    assert run_in(home, "shift", "end", "7").code == 1


def test_a_case_shows_where_its_chain_stands_and_who_is_told_next(home: Path) -> None:
    assert run_in(home, "queue", "escalate", "1", "the press calls", "--as", "kim").code == 0
    shown = run_in(home, "queue", "show", "1").out
    assert "critical, 1 of 3 steps taken; next: told to ana in " in shown
    assert run_in(home, "queue", "claim", "1", "--as", "ana").code == 0
    assert "paused by the claim" in run_in(home, "queue", "show", "1").out
    chain = json.loads(run_in(home, "queue", "show", "1", "--json").out)["chain"]
    assert (chain["state"], chain["taken"], chain["steps"]) == ("paused", 1, 3)


def test_doctor_says_whether_escalation_goes_on(home: Path) -> None:
    assert "goes on for critical" in run_in(home, "doctor").out
