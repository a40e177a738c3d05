import re
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from monitor import desk
from monitor.cli import output
from monitor.cli.cases import moved_line, print_case, print_queue
from monitor.domain import Level, Reason, Status
from monitor.store.records import CaseView
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes, store_case
from tests.services import make_settings

ATTACKS = [
    "\x1b]0;owned\x07title",
    "\x1b[2J\x1b[H clear",
    "\x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "\x1b]52;c;cm0gLXJmIC8=\x07 clipboard",
    "bell \x07 bell",
    "pay now\rsafe text",
    "c1 \x9b31m red",
    "abc \u202e fdp.exe",
    "tag \U000e0041\U000e0042",
    "null \x00 byte",
    "line\u2028separator\u0085next",
    "[bold red]markup[/] :boom:",
]


@pytest.fixture
def view() -> CaseView:
    store = SqliteStore(None)
    (found,) = store.case_views([store_case(store, Level.CRITICAL, text="my lumo lamp burns")])
    return found


def raw_controls(text: str) -> list[str]:
    return [sign for sign in text if (ord(sign) < 0x20 and sign not in "\n\t") or 0x7F <= ord(sign) < 0xA0]


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_text_never_reaches_the_terminal_raw(
    view: CaseView, attack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = replace(
        view, text=attack, author=attack, platform=attack, claimed_by=attack, reasons=(Reason("money", 9, attack),)
    )
    print_queue([hostile], NOW, UTC, demo=False)
    shown = capsys.readouterr().out
    assert raw_controls(shown) == []
    assert not {"\u202e", "\u2028", "\U000e0041"} & set(shown)
    assert len(shown.splitlines()) == 2


@pytest.mark.parametrize("attack", ATTACKS)
def test_one_case_in_full_is_harmless_too(attack: str, capsys: pytest.CaptureFixture[str]) -> None:
    store = SqliteStore(None)
    case_id = store_case(store, text=attack, author=attack)
    store.audit(case_id, attack, "note", NOW, text=attack)
    print_case(desk.show(store, case_id), NOW, UTC)
    shown = capsys.readouterr().out
    assert raw_controls(shown) == []
    assert not {"\u202e", "\u2028", "\U000e0041"} & set(shown)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("width", [70, 150])
def test_a_terminal_of_any_width_gets_our_own_controls_alone(
    view: CaseView, attack: str, width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "is_plain", lambda: False)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    hostile = replace(view, text=attack, author=attack, claimed_by=attack, reasons=(Reason("money", 9, attack),))
    print_queue([hostile], NOW, UTC, demo=False)
    shown = capsys.readouterr().out
    ours = re.compile(r"\x1b\[[0-9;]*m")
    assert ours.search(shown)
    assert raw_controls(ours.sub("", shown)) == []
    assert not {"\u202e", "\u2028", "\U000e0041"} & set(shown)
    assert "money" in shown


def test_the_table_says_level_due_owner_text_and_why(view: CaseView, capsys: pytest.CaptureFixture[str]) -> None:
    print_queue([replace(view, claimed_by="ana", status=Status.CLAIMED)], NOW, UTC, demo=True)
    demo, head, row = capsys.readouterr().out.splitlines()
    assert demo.startswith("demo:")
    assert head.split() == ["ID", "LEVEL", "SCORE", "DUE", "OWNER", "FROM", "TEXT", "WHY"]
    for part in ("critical", "due in 30 min", "ana", "my lumo lamp burns", "complaint +70"):
        assert part in row


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"due_at": NOW - minutes(3)}, "3 min late"),
        ({"status": Status.REPLIED, "due_at": NOW - minutes(3)}, "answered"),
        ({"snoozed_until": NOW + timedelta(hours=2)}, "snoozed till 14:00"),
        ({"review": True}, "critical?"),
        ({"text": ""}, "(deleted)"),
    ],
)
def test_each_state_is_told_apart(
    view: CaseView, changes: dict[str, object], shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_queue([replace(view, **changes)], NOW, UTC, demo=False)  # type: ignore[arg-type]
    assert shown in capsys.readouterr().out


def test_several_brands_get_a_column(view: CaseView, capsys: pytest.CaptureFixture[str]) -> None:
    print_queue([view, replace(view, id=2, brand="umbra")], NOW, UTC, demo=False)
    assert "BRAND" in capsys.readouterr().out


def test_a_move_is_confirmed_in_one_line(view: CaseView) -> None:
    case = replace(view, status=Status.CLAIMED, claimed_by="ana").to_json()
    assert moved_line(case, NOW, UTC) == f"case {view.id} (critical): claimed by \u2068ana\u2069; reply due in 30 min"


def test_a_closed_case_promises_no_reply(capsys: pytest.CaptureFixture[str]) -> None:
    store = SqliteStore(None)
    case_id = store_case(store)
    print_case(desk.show(store, case_id), NOW, UTC)
    assert "\nreply " in capsys.readouterr().out
    desk.dismiss(desk.Turn(store, make_settings(), "ana", NOW), case_id, "spam")
    print_case(desk.show(store, case_id), NOW, UTC)
    assert "\nreply " not in capsys.readouterr().out


def test_a_case_shows_reasons_that_add_up_and_its_trail(capsys: pytest.CaptureFixture[str]) -> None:
    store = SqliteStore(None)
    case_id = store_case(store, Level.HIGH)
    store.audit(case_id, "ana", "note", NOW, text="called them")
    print_case(desk.show(store, case_id), NOW + minutes(2), UTC)
    shown = capsys.readouterr().out
    assert "+70.0  complaint" in shown
    assert "70.0  in all" in shown
    assert "2 min ago: \u2068ana\u2069: note (text \u2068called them\u2069)" in shown
