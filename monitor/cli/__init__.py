"""The command line."""

import sys


def main() -> None:
    """Run `complaint-monitor` and exit with its code."""
    from monitor.cli.commands import run  # noqa: PLC0415 - `import monitor.cli` stays free

    sys.exit(run(sys.argv[1:]))
