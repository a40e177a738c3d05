"""Notices that the wall clock jumped: by suspend, by an operator, by a machine without a clock of its own."""

from datetime import timedelta
from time import monotonic

from connectors.clock import Clock

CLOCK_JUMP = timedelta(seconds=2)


class ClockWatch:
    """Compares the wall clock with the monotonic one."""

    def __init__(self, clock: Clock) -> None:
        self.jumps = 0
        self._clock = clock
        self._wall, self._steady = clock(), monotonic()

    def has_jumped(self) -> bool:
        """Whether the two have come apart since the last call, by suspend or by setting the clock."""
        wall, steady = self._clock(), monotonic()
        drift: timedelta = (wall - self._wall) - timedelta(seconds=steady - self._steady)
        self._wall, self._steady = wall, steady
        jumped = abs(drift) > CLOCK_JUMP
        self.jumps += jumped
        return jumped
