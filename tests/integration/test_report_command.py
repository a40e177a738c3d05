"""`report` on the command line, over a store in a file."""

import csv
import io
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.cli import reports
from monitor.cli.commands import run
from monitor.report.definitions import DEFINITIONS
from monitor.store.sqlite import SqliteStore
from tests.builders import store_case
from tests.report_history import NOW, fill

CONFIG = """
store: sqlite:///monitor.db
cost_per_hour: 42
brands:
  lumo: {zone: Europe/Berlin, watches: [{name: name, query: lumo}]}
  nova: {watches: [{name: name, query: nova}]}
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, "utf-8")
    monkeypatch.setattr(reports, "clock", lambda: NOW)
    return path


@pytest.fixture
def filled(config: Path) -> Path:
    store = SqliteStore(config.parent / "monitor.db")
    fill(store, mentions=2_000, before=800)
    store.close()
    return config


def ask(config: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    code = run(["report", *arguments, "--config", str(config)])
    shown = capsys.readouterr()
    assert (code, shown.err) == (0, "")
    return shown.out


def test_the_month_is_printed_in_chapters_with_what_each_figure_rests_on(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = ask(filled, capsys, "--month", "2026-11", "--brand", "lumo")
    assert shown.startswith("report November 2026, lumo\nbefore: October 2026; times in Europe/Berlin\n")
    assert "\nfirst replies\nFIGURE" in shown
    line = next(line for line in shown.splitlines() if re.match(r"First reply, median +- ", line))
    assert re.search(r" +\d+ (min|h|d).* +\d+ +\d+ +\d+ (min|h|d)", line)
    assert re.search(r"^posted to fetched, median +\u2068platform", shown, re.MULTILINE)
    assert "no cause was tagged as fixed" in shown
    assert "$" in shown


def test_json_and_csv_hold_every_figure(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(ask(filled, capsys, "--month", "2026-11", "--json"))
    rows = list(csv.DictReader(io.StringIO(ask(filled, capsys, "--month", "2026-11", "--csv"))))
    assert {row["key"] for row in found["figures"]} == {*DEFINITIONS} - {"recurrence"}
    assert len(rows) == len(found["figures"])
    assert {row["before"] is not None for row in found["figures"]} == {True, False}


def test_without_incidents_there_are_fewer_cases(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def cases(*arguments: str) -> float:
        figures = json.loads(ask(filled, capsys, "--month", "2026-11", "--json", *arguments))["figures"]
        return float(next(one["value"] for one in figures if one["key"] == "cases" and not one["group"]))

    assert 0 < cases("--without-incidents") < cases()


def test_an_empty_month_says_so(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    SqliteStore(config.parent / "monitor.db").close()
    shown = ask(config, capsys, "--since", "7d")
    for words in ("nobody was to be answered in this time", "no post was decided in this time", "nothing was late"):
        assert words in shown


def test_the_zone_decides_where_a_month_begins(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(ask(filled, capsys, "--month", "2026-11", "--zone", "Asia/Tokyo", "--json"))
    assert found["span"]["since"] == "2026-10-31T15:00:00.000Z"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--month", "2026-11", "--since", "7d"), ("--json", "--csv"), ("--brand", "nobody"),
        ("--zone", "Moon/Base", "--month", "2026-11"), ("--since", "soon"), ("fix", "billing"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_a_usage_error(
    filled: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert run(["report", *arguments, "--config", str(filled)]) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("month", ["2026-13", "2027-05", "last"])
def test_what_is_no_month_fails_in_one_line(filled: Path, capsys: pytest.CaptureFixture[str], month: str) -> None:
    assert run(["report", "--month", month, "--config", str(filled)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_fix_is_told_listed_measured_and_taken_back(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = ("--on", "2026-11-12", "--brand", "lumo")
    assert ask(filled, capsys, "fixes") == (
        "no cause was tagged as fixed: `complaint-monitor report fix CAUSE --on DATE` does\n"
    )
    ask(filled, capsys, "fix", "billing", *named, "--note", "new \x1b[2J invoices", "--as", "ana")
    listed = ask(filled, capsys, "fixes")
    assert "billing" in listed
    assert "\x1b" not in listed
    found = json.loads(ask(filled, capsys, "--month", "2026-11", "--json"))
    assert [(fix["cause"], fix["holds"] in {True, False}) for fix in found["fixes"]] == [("billing", True)]
    assert "lumo: billing, fixed 2026-11-12" in ask(filled, capsys, "--month", "2026-11")
    assert ask(filled, capsys, "unfix", "billing", *named) == "billing: no fix on 2026-11-12 any more\n"
    assert json.loads(ask(filled, capsys, "fixes", "--json")) == []


def test_hostile_platforms_do_not_reach_the_terminal(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = SqliteStore(config.parent / "monitor.db")
    for number in range(2):
        store_case(store, now=NOW - timedelta(days=1), platform=f"\x1b[2J{number}", posted_at=NOW - timedelta(days=1))
    store.close()
    shown = ask(config, capsys, "--since", "7d")
    assert "\\x1b[2J0" in shown
    assert "\x1b" not in shown
