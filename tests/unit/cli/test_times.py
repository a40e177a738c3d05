from datetime import timedelta

import pytest
import typer

from monitor.cli.context import moment_after, span_of
from tests.builders import NOW


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2h", NOW + timedelta(hours=2)),
        ("1d", NOW + timedelta(days=1)),
        ("1h30m", NOW + timedelta(minutes=90)),
        ("2026-03-04T14:00:00Z", NOW + timedelta(hours=2)),
        ("2026-03-04T15:00:00+01:00", NOW + timedelta(hours=2)),
    ],
)
def test_people_give_spans_or_times(text: str, moment: object) -> None:
    assert moment_after(text, NOW) == moment


@pytest.mark.parametrize("text", ["", "soon", "2", "h", "-2h", "2026-03-04T11:00:00Z", "9999999999999d", "0h"])
def test_what_is_no_time_to_come_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        moment_after(text, NOW)


@pytest.mark.parametrize("text", ["", "yesterday", "99999999d"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        span_of(text)
