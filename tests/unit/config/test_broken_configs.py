"""Every file of tests/data/broken_configs is named after its mistake and begins with the problems it must give.

A line is `#! LINE:COL: path: problem; hint`, with the scope in brackets where only one source or receiver is broken.
"""

from pathlib import Path

import pytest

from monitor.config.load import LoadedConfig, load_config
from monitor.config.problem import DAEMON, Problem

FOLDER = Path(__file__).parents[2] / "data" / "broken_configs"
FILES = sorted(FOLDER.glob("*.yaml"))
ENVIRON = {"X_BEARER_TOKEN": "canary-secret", "HOOK_SECRET": "canary-secret", "SMTP_PASSWORD": "canary-secret"}


def load(file: Path, monkeypatch: pytest.MonkeyPatch) -> LoadedConfig:
    monkeypatch.chdir(FOLDER)
    return load_config(file.name, environ=ENVIRON)


def as_line(problem: Problem, file: Path) -> str:
    scope = "" if problem.scope == DAEMON else f" [{problem.scope}]"
    return str(problem).removeprefix(f"{file.name}:") + scope


def test_there_are_at_least_forty_mistakes() -> None:
    assert len(FILES) >= 40


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_problem_is_reported_at_once_with_place_and_hint(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = file.read_text("utf-8").splitlines()
    expected = [line.removeprefix("#! ") for line in lines if line.startswith("#! ")]
    assert expected
    assert [as_line(problem, file) for problem in load(file, monkeypatch).problems] == expected


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_settings_exist_exactly_where_no_problem_concerns_the_daemon(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load(file, monkeypatch)
    fatal = [problem for problem in config.errors if problem.scope == DAEMON]
    assert (config.settings is None) == bool(fatal)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_problem_shows_a_secret(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load(file, monkeypatch)
    assert "canary-secret" not in "\n".join(map(str, config.problems))
    assert "canary-secret" not in repr(config.settings)
