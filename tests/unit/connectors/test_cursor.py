import json
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors.connector import Traits
from connectors.cursor import Cursor, Gap, Limits, Pending

times = st.datetimes(datetime(1970, 1, 1), datetime(2286, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
maybe = st.none() | times
tokens = st.none() | st.text(max_size=20)
gaps = st.builds(Gap, st.text(max_size=9), maybe, maybe, tokens, maybe, st.booleans())
pending = st.builds(Pending, st.text(max_size=9), maybe, tokens, maybe, maybe, st.booleans())
states = st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=5), max_size=3)
cursors = st.builds(
    Cursor,
    maybe,
    maybe,
    st.lists(pending, max_size=3).map(tuple),
    st.lists(gaps, max_size=3).map(tuple),
    st.none() | st.dates(date(1970, 1, 1)),
    states,
)


@given(cursors)
def test_a_cursor_comes_back_from_json_as_it_was(cursor: Cursor) -> None:
    assert Cursor.from_json(json.loads(json.dumps(cursor.to_json()))) == cursor


def test_an_empty_object_is_the_cursor_of_a_source_never_polled() -> None:
    assert Cursor.from_json({}) == Cursor()


def test_the_configs_page_cap_goes_before_the_kinds_and_gaps_get_as_many_pages() -> None:
    traits = Traits(page_cap=10, sweep=timedelta(hours=48))
    assert (Limits.of(traits).page_cap, Limits.of(traits).gap_pages) == (10, 10)
    assert (Limits.of(traits, page_cap=3).page_cap, Limits.of(traits, page_cap=3).gap_pages) == (3, 3)
    assert Limits.of(traits, drain=True).gap_pages is None
    assert Limits.of(traits).sweep == timedelta(hours=48)
