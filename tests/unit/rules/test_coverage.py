from datetime import UTC, datetime, time, timedelta

import pytest

from monitor.config.hours import Presence, Window
from monitor.config.routes import Route
from monitor.domain import Severity
from monitor.rules.coverage import find_holes, first_hole

DAY = Presence(hours=(Window(start=time(8), end=time(20)),), zone="Europe/Berlin")
NIGHT = Presence(hours=(Window(start=time(20), end=time(8)),), zone="Europe/Berlin")
WORK = Presence(hours=(Window(days=("mon", "tue", "wed", "thu", "fri"), start=time(9), end=time(17)),))
YORK = Presence(hours=(Window(start=time(13), end=time(2)),), zone="America/New_York")
EVER = Presence()
PEOPLE = {"day": DAY, "night": NIGHT, "work": WORK, "ever": EVER}


@pytest.mark.parametrize(
    ("presences", "hours"),
    [
        ([EVER], None),
        ([DAY, EVER], None),
        ([DAY, NIGHT], None),
        ([DAY], 12),
        ([WORK], 16),
        ([Presence(quiet=(Window(),))], 168),
        ([DAY, YORK], 1),
    ],
)
def test_a_hole_is_a_time_in_which_nobody_may_be_told(presences: list[Presence], hours: float | None) -> None:
    hole = first_hole(presences)
    assert (hole and (hole[1] - hole[0]) / timedelta(hours=1)) == hours


def test_zones_that_change_their_clocks_on_other_days_leave_a_hole_in_some_weeks() -> None:
    until_20 = Presence(hours=(Window(start=time(8), end=time(20)),), zone="Europe/Berlin")
    from_14 = Presence(hours=(Window(start=time(14), end=time(2)),), zone="America/New_York")
    hole = first_hole([until_20, from_14])
    assert hole == (datetime(2026, 3, 9, 6, tzinfo=UTC), datetime(2026, 3, 9, 7, tzinfo=UTC)), "clocks go forward there"


@pytest.mark.parametrize(
    ("routes", "fallback", "holes"),
    [
        ((Route(to=("ever",)),), (), 0),
        ((Route(to=("day",)),), (), 1),
        ((Route(to=("day", "night")),), (), 0),
        ((Route(to=("day",)),), ("ever",), 0),
        ((Route(to=("day",)),), ("night",), 0),
        ((Route(to=("day",)),), ("work",), 1),
        ((Route(to=("ever",)), Route(to=("day",))), (), 0),
        ((Route(to=("day",), brand=("lumo",)), Route(to=("ever",), brand=("other",))), (), 1),
        ((Route(to=("day",), platform=("x",)), Route(to=("ever",))), (), 0),
        ((Route(to=("day",), severity=(Severity.SAFETY,)), Route(to=("ever",), severity=(Severity.MONEY,))), (), 0),
        ((Route.model_validate({"to": "ever", "routes": [{"cause": "billing", "to": "day"}]}),), (), 1),
        ((Route(to=("away",)),), (), 0),
    ],
)
def test_every_kind_of_case_that_the_routes_tell_apart_is_tried(
    routes: tuple[Route, ...], fallback: tuple[str, ...], holes: int
) -> None:
    assert len(list(find_holes(routes, ["lumo", "other"], PEOPLE, fallback))) == holes
