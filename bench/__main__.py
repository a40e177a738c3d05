"""Every measurement, one after another: `make bench`. The tables go to bench/results/."""

import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
BENCHES: Final = (
    ("bench.classifier",),
    ("bench.rules_speed",),
    ("bench.triage_quality",),
    ("bench.recall_estimate", "--streams", "100"),
    ("bench.relevance",),
    ("bench.incidents",),
    ("bench.causes",),
    ("bench.spikes", "--weeks", "20", "--rises", "200"),
    ("bench.spike_speed",),
    ("bench.alerts",),
    ("bench.digest",),
    ("bench.report",),
    ("bench.inbox",),
    ("bench.dashboard",),
    ("bench.pipeline",),
    ("bench.lab_speed",),
)


def main() -> None:
    """Run each bench in a process of its own; exit 1 if one failed or broke a bound."""
    failed = []
    for module, *arguments in BENCHES:
        command = ["-m", module, *arguments]
        print(f"\n$ python {' '.join(command)}", flush=True)
        if subprocess.run([sys.executable, *command], cwd=ROOT, check=False).returncode:
            failed.append(module)
    if failed:
        raise SystemExit(f"failed, or broke a bound: {', '.join(failed)}")


if __name__ == "__main__":
    main()
