"""The project's own files agree with each other: version, locks, licence, Makefile, CI, packaging."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from monitor import __version__

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-build.lock", "requirements-dev.lock")
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")
GPU = re.compile(r"^(torch|torchvision|triton|tensorflow|jax|jaxlib|cupy|nvidia-.*|cuda-.*)$")
MADE_BY_A_RUN = ("bench/results", "dist", "build", "demo", "docs/reference", "connectors/samples", "models/weights")


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@cache
def project() -> dict[str, Any]:
    return tomllib.loads(text_of("pyproject.toml"))


def plain(name: str) -> str:
    """Return a distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: str) -> dict[str, tuple[str, int]]:
    """Return name to (version, number of hashes) of a lock file."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", "\n" + text_of(lock))
    found = ((PIN.match(entry), len(HASH.findall(entry))) for entry in entries)
    return {plain(pin[1]): (pin[2], hashes) for pin, hashes in found if pin}


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))


def test_the_version_stands_in_one_place() -> None:
    assert project()["project"]["dynamic"] == ["version"]
    assert "version" not in project()["project"]
    assert project()["tool"]["hatch"]["version"]["path"] == "monitor/__init__.py"
    files = [path for folder in ("monitor", "connectors", "models") for path in (ROOT / folder).rglob("*.py")]
    holders = [path for path in files if re.search(r"^__version__\s*=", path.read_text("utf-8"), re.MULTILINE)]
    assert holders == [ROOT / "monitor" / "__init__.py"]


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    newest = re.search(r"^## (\S+)", text_of("CHANGELOG.md"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == __version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)


def test_the_lock_pins_every_default_dependency_within_its_bounds() -> None:
    locked = pins("requirements.lock")
    wanted = [Requirement(line) for line in project()["project"]["dependencies"]]
    assert [one.name for one in wanted if plain(one.name) not in locked] == []
    assert [one.name for one in wanted if locked[plain(one.name)][0] not in one.specifier] == []


def test_the_other_locks_pin_what_builds_tests_and_lints() -> None:
    groups = project()["dependency-groups"]
    build = [Requirement(line) for line in project()["build-system"]["requires"]]
    extra = [Requirement(line) for line in (*groups["test"], *groups["lint"])]
    assert [one.name for one in build if plain(one.name) not in pins("requirements-build.lock")] == []
    assert [one.name for one in extra if plain(one.name) not in pins("requirements-dev.lock")] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes(lock: str) -> None:
    assert pins(lock)
    assert [name for name, (_, hashes) in pins(lock).items() if hashes == 0] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_name_no_index_and_no_place_on_this_machine(lock: str) -> None:
    assert re.findall(r"https?://\S+|^\s*--(?:index|extra-index|find|trusted)\S*| @ |file:/", text_of(lock)) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_hold_no_gpu_library(lock: str) -> None:
    assert [name for name in pins(lock) if GPU.match(name)] == []


def test_two_locks_never_ask_for_two_versions() -> None:
    versions: dict[str, set[str]] = {}
    for lock in LOCKS:
        for name, (version, _) in pins(lock).items():
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_the_licence_is_apache_2() -> None:
    assert project()["project"]["license"] == "Apache-2.0"
    first = " ".join(text_of("LICENSE").split())
    assert first.startswith("Apache License Version 2.0, January 2004")
    assert "END OF TERMS AND CONDITIONS" in first


def test_the_extras_and_groups_exist() -> None:
    assert {"train", "hub", "postgres"} <= set(project()["project"]["optional-dependencies"])
    assert {"test", "lint"} <= set(project()["dependency-groups"])


def test_make_has_every_promised_target_and_help_lists_them_all() -> None:
    assert {"run", "test", "lint", "bench", "soak", "train", "help"} <= targets()
    described = set(re.findall(r"^([a-z]+):.*?## \S", text_of("Makefile"), re.MULTILINE))
    assert targets() - described == set()
    declared = re.search(r"^\.PHONY:(.*)$", text_of("Makefile"), re.MULTILINE)
    assert declared is not None
    assert set(declared[1].split()) == targets()


def test_every_module_that_make_runs_exists() -> None:
    modules = set(re.findall(r"python -m ([a-z_.]+)", text_of("Makefile"))) - {"pip", "venv"}
    assert modules
    missing = [name for name in modules if not (ROOT / name.replace(".", "/")).with_suffix(".py").is_file()
               and not (ROOT / name.replace(".", "/") / "__main__.py").is_file()]  # fmt: skip
    assert missing == []


@pytest.mark.parametrize("name", ["Makefile", ".ci/run", "packaging/Dockerfile", "tools/lock.py"])
def test_every_file_that_is_referred_to_exists(name: str) -> None:
    pattern = r"(?<![\w/.$)-])((?:[\w.-]+/)*[\w-]+\.(?:py|lock|toml|md|yaml|txt))\b"
    named = set(re.findall(pattern, text_of(name))) - {"config.yaml"}
    assert [file for file in named if not file.startswith(MADE_BY_A_RUN) and not (ROOT / file).exists()] == []


def test_the_container_is_given_every_folder_that_the_wheel_is_made_of() -> None:
    copied = set(re.findall(r"[\w./-]+", " ".join(re.findall(r"^COPY (.*)$", text_of("packaging/Dockerfile"), re.M))))
    wheel = project()["tool"]["hatch"]["build"]["targets"]["wheel"]
    wanted = {*wheel["packages"], *wheel["shared-data"], "pyproject.toml", "README.md", "LICENSE"}
    assert wanted - copied == set()


def test_ci_runs_the_test_command_of_the_readme_and_then_lint() -> None:
    commands = [line.strip() for line in text_of(".ci/run").splitlines()]
    assert commands.index("make test") < commands.index("make lint")
    assert "`make test`" in text_of("README.md")
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
