"""The shape of the code: who imports whom, what starts light, how long things may be."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("monitor", "connectors", "models")
LAW = {"connectors": {"monitor", "models"}, "models": {"monitor", "connectors"}}
PURE = ("monitor/rules", "monitor/domain.py")
IMPURE = {"sqlite3", "socket", "httpx", "requests", "subprocess", "threading", "time", "random"}
HEAVY = ("transformers", "onnxruntime", "tokenizers", "numpy", "tweepy", "praw", "apprise", "uvicorn", "starlette")


@cache
def trees() -> dict[str, ast.Module]:
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in files}


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""


def test_imports_go_one_way() -> None:
    breaches = [
        f"{name} imports {module}"
        for name, tree in trees().items()
        for module in imported(tree)
        if module.split(".")[0] in LAW.get(name.split("/")[0], ())
    ]
    assert breaches == []


def test_rules_are_pure() -> None:
    breaches = [
        f"{name} imports {module}"
        for name, tree in trees().items()
        if name.startswith(PURE)
        for module in imported(tree)
        if module.split(".")[0] in IMPURE or module.startswith(("monitor.store", "monitor.steps", "monitor.service"))
    ]
    assert breaches == []


def test_rules_never_look_at_a_clock() -> None:
    breaches = [
        f"{name}:{node.lineno}"
        for name, tree in trees().items()
        if name.startswith(PURE)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}
        and isinstance(node.value, ast.Name) and node.value.id in {"datetime", "date"}
    ]  # fmt: skip
    assert breaches == []


def test_functions_and_files_stay_short() -> None:
    too_long = [
        f"{name}:{node.lineno} {node.name}"
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= 70
    ]
    big = [name for name in trees() if (ROOT / name).read_text("utf-8").count("\n") > 600]
    assert too_long == []
    assert big == []


def test_only_the_application_builds_connectors_receivers_and_models() -> None:
    builders = {"open_connector", "open_receiver", "load_by_language"}
    homes = (
        "monitor/app.py",
        "monitor/first_look.py",
        "models/",
        "connectors/registry.py",
        "monitor/notify/registry.py",
    )
    calls = [
        name
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in builders
    ]
    assert [name for name in calls if not name.startswith(homes)] == []


@pytest.mark.parametrize("module", ["monitor.cli", "models.registry", "connectors.registry", "monitor.notify.registry"])
def test_importing_is_light(module: str) -> None:
    code = f"import sys, {module}; print([name for name in {HEAVY!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_every_registered_kind_exists() -> None:
    connectors = import_module("connectors.registry")
    receivers = import_module("monitor.notify.registry")
    options = import_module("connectors.options")
    for kind in connectors.KINDS.values():
        assert hasattr(options, kind.options)
    for target in [*(kind.connector for kind in connectors.KINDS.values()), *receivers.KINDS.values()]:
        module, _, name = target.partition(":")
        assert hasattr(import_module(module), name)


def test_the_drawn_folders_exist() -> None:
    inner = ("steps", "rules", "store/sql", "config", "notify", "digest", "web", "cli", "service")
    outer = (
        "connectors/samples",
        "models/train",
        "models/weights",
        "packaging/systemd",
        "docs",
        "bench",
        "tests/fakes",
    )
    wanted = [*(f"monitor/{name}" for name in inner), *outer]
    assert [folder for folder in wanted if not (ROOT / folder).is_dir()] == []
