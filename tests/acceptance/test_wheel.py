"""The wheel as somebody installs it: built, unpacked elsewhere, and run without the repository."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
START = [sys.executable, "-c", "from monitor.cli import main; main()"]
WANTED = (
    "models/weights/complaint-minilm/model.int8.onnx",
    "models/weights/complaint-minilm/tokenizer.json",
    "models/weights/complaint-minilm/README.md",
    "connectors/samples/lumo.jsonl",
    "monitor/rules/phrases/en.txt",
    "monitor/rules/phrases/de.txt",
    "monitor/rules/phrases/fr.txt",
    "monitor/rules/phrases/es.txt",
    "monitor/store/sql/schema_1.sql",
    "monitor/store/sql/schema_2.sql",
    "monitor/notify/templates/digest.html",
    "monitor/digest/common_words.txt",
    "monitor/digest/fonts/DejaVuSans-latin.ttf",
)
CONFIG = """\
store: sqlite:///monitor.db
brands:
  lumo:
    watches: [{name: name, query: lumo}]
sources:
  file: {kind: replay, path: 'builtin:lumo', shift: now}
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the tree, without any index."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([*PIP, "wheel", *options, str(ROOT)], check=True, timeout=100)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's files and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    options = ["--no-index", "--no-deps", "--no-compile", "--target", str(folder)]
    subprocess.run([*PIP, "install", *options, str(wheel)], check=True, timeout=100)
    return folder


def run(installed: Path, folder: Path, *arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    """Run a command of the installed wheel; ours come before the editable ones of this environment."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [*START, *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def names(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_it_holds_weights_samples_phrases_templates_and_sql(wheel: Path) -> None:
    assert [name for name in WANTED if name not in names(wheel)] == []


def test_it_holds_every_file_of_the_packages_that_git_knows(wheel: Path) -> None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("no git checkout: nothing says which files belong to the packages")
    command = [
        git,
        "-c",
        f"safe.directory={ROOT}",
        "-C",
        str(ROOT),
        "ls-files",
        "-z",
        "monitor",
        "connectors",
        "models",
    ]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    here = {name for name in listed if name and (ROOT / name).is_file()}
    assert len(here) > 100
    assert here - names(wheel) == set()


def test_it_holds_the_demo_config_and_the_units(wheel: Path) -> None:
    version = wheel.name.split("-")[1]
    share = f"complaint_monitor-{version}.data/data/share/complaint-monitor/"
    assert {f"{share}config.yaml", f"{share}systemd/complaint-monitor.service"} <= names(wheel)


def test_it_holds_no_tests_benches_documents_or_caches(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in names(wheel)}
    assert {name for name in tops if not name.endswith((".dist-info", ".data"))} == {"monitor", "connectors", "models"}
    assert [name for name in names(wheel) if "test" in name.lower() or "__pycache__" in name] == []


def test_its_packages_are_the_ones_that_run(installed: Path, tmp_path: Path) -> None:
    code = "import monitor, connectors, models; print(monitor.__file__, connectors.__file__, models.__file__)"
    environ = {**os.environ, "PYTHONPATH": str(installed)}
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )
    assert [Path(file).parents[1] for file in ran.stdout.split()] == [installed] * 3


def test_the_console_script_is_there(installed: Path) -> None:
    script = installed / "bin" / "complaint-monitor"
    assert os.access(script, os.X_OK)


def test_help_answers(installed: Path, tmp_path: Path) -> None:
    ran = run(installed, tmp_path, "--help")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "queue" in ran.stdout


def test_classify_finds_its_weights(installed: Path, tmp_path: Path) -> None:
    texts = "my parcel never arrived, I want a refund\nlovely lamp, thank you all\n"
    ran = run(installed, tmp_path, "classify", stdin=texts)
    assert ran.returncode == 0, ran.stderr
    bad, good = (json.loads(line) for line in ran.stdout.splitlines())
    assert bad["complaint"] > 0.5 > good["complaint"]


def test_a_config_with_the_built_in_sample_passes_and_queues(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    checked = run(installed, tmp_path, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert run(installed, tmp_path, "run", "--once").returncode == 0
    queue = json.loads(run(installed, tmp_path, "queue", "list", "--json").stdout)
    assert len(queue) > 100


def test_the_shipped_demo_config_passes(installed: Path, tmp_path: Path) -> None:
    shipped = installed / "share" / "complaint-monitor" / "config.yaml"
    checked = run(installed, tmp_path, "check", "--config", str(shipped))
    assert checked.returncode == 0, checked.stdout + checked.stderr
