"""SIGKILL at random moments loses nothing and repeats at most one send a kill. The long form: bench/kill_soak.py."""

from pathlib import Path

import pytest

from bench.kill_soak import soak

KILLS = 12


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_killed_at_random_moments_it_leaves_the_same_cases_and_alerts(tmp_path: Path) -> None:
    result = soak(tmp_path, KILLS, seed=7)
    assert result.total == KILLS
    assert result.differences == {"posts": 0, "decisions": 0, "cases": 0, "alerts": 0}, result.examples
    assert (result.repeated_rows, result.parked) == (0, 0)
    assert result.duplicates <= KILLS
    assert result.messages > KILLS, "enough was told for the kills to hit a send"
