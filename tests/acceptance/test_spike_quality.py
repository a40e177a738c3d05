"""Spikes on a few simulated streams: floors below what `python -m bench.spikes` measures on many."""

import pytest

from bench.spikes import LEARN, RISES, STEADY, WEEK, Rise, Stream, measure_false, measure_rises

ASKED = [(stream, rise) for stream, rise, asked in RISES if asked and stream.rate in (5, 80)]


@pytest.mark.parametrize(("stream", "rise"), ASKED, ids=[stream.name for stream, _ in ASKED])
def test_rises_are_found_in_time(stream: Stream, rise: Rise) -> None:
    assert measure_rises(stream, rise, 40, "floor").within(rise.within) >= 0.85


@pytest.mark.parametrize("stream", [STEADY[1], STEADY[3]], ids=["5 an hour", "60 an hour"])
@pytest.mark.parametrize("learnt", [LEARN, WEEK], ids=["four weeks learnt", "one week learnt"])
def test_false_alarms_are_few(stream: Stream, learnt: int) -> None:
    weeks = 5
    assert sum(measure_false(stream, weeks, "floor", learnt).values()) <= weeks
