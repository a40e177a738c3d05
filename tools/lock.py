"""Resolve the locked versions anew: `make lock`. Three files, so that the daemon's own needs stay apart."""

import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
FLAGS = ("--quiet", "--upgrade", "--generate-hashes", "--strip-extras", "--no-emit-index-url", "--no-emit-find-links",
         "--no-emit-trusted-host", "--no-header", "--no-annotate")  # fmt: skip


def main() -> None:
    """Write requirements.lock, requirements-build.lock and requirements-dev.lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    run = project["project"]["dependencies"]
    _lock("requirements.lock", run, "What the daemon needs, pinned with hashes; installed by `make`.")
    _lock("requirements-build.lock", [*project["build-system"]["requires"], "editables"], "What builds the project.")
    wanted = [f"-c {ROOT / 'requirements.lock'}", *groups["test"], *groups["lint"]]
    _lock("requirements-dev.lock", wanted, "What tests and linters need beside requirements.lock.")


def _lock(name: str, wanted: list[str], title: str) -> None:
    with TemporaryDirectory() as folder:
        source = Path(folder) / "wanted.in"
        source.write_text("\n".join(wanted) + "\n", "utf-8")
        subprocess.run([sys.executable, "-m", "piptools", "compile", *FLAGS, "-o", ROOT / name, source], check=True)  # noqa: S603
    text = (ROOT / name).read_text("utf-8").partition("# WARNING")[0].rstrip()
    (ROOT / name).write_text(f"# {title} Made by `make lock`.\n{text}\n", "utf-8")


if __name__ == "__main__":
    main()
