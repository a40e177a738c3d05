import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.command_line import environment, make_home, run_in
from tests.builders import store_case

HEAVY = (
    "transformers", "onnxruntime", "tweepy", "praw", "apprise", "pandas", "numpy", "torch", "uvicorn", "starlette",
    "httpx", "requests", "apscheduler", "sqlite_utils", "lark", "jinja2",
)  # fmt: skip

MANY = """
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
INSERT INTO mentions (platform, native_id, source, author, author_handle, text, posted_at, seen_at, matched)
SELECT 'y', i, 'file', 'a' || i, 'a' || i, 'lumo is a post that nobody has to answer, number ' || i, i, i, 1 FROM n
"""


def loaded_by(folder: Path, *arguments: str) -> set[str]:
    """Return the top-level modules that a command leaves loaded."""
    script = (
        "import sys\nfrom monitor.cli.commands import run\n"
        f"run({list(arguments)!r})\n"
        "print('\\n' + ' '.join({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, env=environment(), capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    assert loaded_by(tmp_path, "--help") & {*HEAVY, "pydantic", "ruamel", "rich"} == set()


def test_help_answers_within_three_tenths_of_a_second(tmp_path: Path) -> None:
    run_in(tmp_path, "--help")
    assert min(run_in(tmp_path, "--help").cpu_s for _ in range(3)) <= 0.3


@pytest.mark.parametrize("arguments", [("queue", "list"), ("queue", "show", "1"), ("sources",), ("silence", "list")])
def test_commands_that_read_load_no_model_and_no_client(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    store = make_home(tmp_path)
    store_case(store)
    store.close()
    assert loaded_by(tmp_path, *arguments) & set(HEAVY) == set()


def test_the_queue_answers_within_half_a_second_on_a_large_store(tmp_path: Path) -> None:
    store = make_home(tmp_path)
    for _ in range(200):
        store_case(store)
    store.connection.query(MANY, {})
    store.close()
    answers = [run_in(tmp_path, "queue", "list") for _ in range(3)]
    assert all(answer.code == 0 for answer in answers)
    assert min(answer.cpu_s for answer in answers) <= 0.5
