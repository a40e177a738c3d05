import json
from pathlib import Path

from tests.acceptance.command_line import make_home, run_in
from tests.builders import store_case


def test_route_test_prints_who_would_be_told_when_and_why(tmp_path: Path) -> None:
    store = make_home(tmp_path)
    case = str(store_case(store))
    store.close()
    answer = run_in(tmp_path, "route", "test", "--case", case)
    assert (answer.code, answer.err) == (0, "")
    header, row = answer.out.splitlines()[-2:]
    assert header.split() == ["RECEIVER", "WHEN", "ROUTE", "GROUP", "WHY"]
    assert "routes[0]" in row
    told = json.loads(run_in(tmp_path, "route", "test", "--case", case, "--at", "2h", "--json").out)
    assert told["facts"]["case"] == int(case)
    assert [plan["outcome"] for plan in told["receivers"]] == ["tell"]


def test_route_test_refuses_a_case_that_is_not_there(tmp_path: Path) -> None:
    make_home(tmp_path).close()
    answer = run_in(tmp_path, "route", "test", "--case", "99")
    assert (answer.code, answer.out) == (1, "")
    assert "case 99: there is no such case" in answer.err
