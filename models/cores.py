"""How many CPU cores a model may use."""

import os


def usable_cores() -> int:
    """Return the cores this process may run on; a container or a unit may have fewer than the machine."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows do not tell
        return os.cpu_count() or 1
