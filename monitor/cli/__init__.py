"""The command line."""

import gc
import os
import sys


def main() -> None:
    """Run `complaint-monitor` and exit with its code."""
    # the model has a thread a core already; numpy's own would only spin beside them (it reads this when imported)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(50_000, 20, 50)  # a start makes many objects, nearly all of which stay
    from monitor.cli.commands import run  # noqa: PLC0415 - `import monitor.cli` stays free

    sys.exit(run(sys.argv[1:]))
