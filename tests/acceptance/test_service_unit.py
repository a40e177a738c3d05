"""The systemd units: valid, tightly closed, and in step with what the program does."""

import configparser
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain import Level
from monitor.service.daemon import STOP_S
from monitor.service.jobs import POLL_DEADLINE_S
from monitor.service.metrics import render_metrics
from monitor.store.records import SourceState
from tests.unit.service.test_health import SOURCE, WELL

UNITS = Path(__file__).parents[2] / "packaging" / "systemd"
UNIT = UNITS / "complaint-monitor.service"
PAGE = Path(__file__).parents[2] / "docs" / "howto" / "run-as-a-service.md"
MOST_EXPOSED = 15
"""Tenths of systemd's exposure level; an ordinary unit has 96."""

analyze = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(analyze is None, reason="systemd-analyze is not installed")


def lines(key: str) -> list[str]:
    """Every value of a key, in order; systemd allows a key more than once."""
    return re.findall(rf"^{key}=(.*)$", UNIT.read_text(), re.MULTILINE)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert analyze is not None
    return subprocess.run([analyze, *arguments], capture_output=True, text=True, timeout=60, check=False)


@needs_systemd
def test_exposes_almost_nothing() -> None:
    judged = run("security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", str(UNIT))
    assert judged.returncode == 0, judged.stdout[-400:] + judged.stderr


@needs_systemd
def test_a_bare_unit_would_not_pass(tmp_path: Path) -> None:
    bare = tmp_path / "bare.service"
    bare.write_text("[Service]\nExecStart=/bin/true\n")
    assert run("security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", str(bare)).returncode != 0


@needs_systemd
def test_every_line_is_understood(tmp_path: Path) -> None:
    for unit in UNITS.iterdir():
        text = unit.read_text().replace("/opt/complaint-monitor/bin/complaint-monitor", sys.executable)
        (tmp_path / unit.name).write_text(text)
    for unit in tmp_path.iterdir():
        judged = run("verify", "--man=no", "--recursive-errors=no", str(unit))
        assert (judged.returncode, judged.stderr) == (0, "")


def test_a_reload_is_checked_before_it_reaches_the_daemon() -> None:
    check, hangup = lines("ExecReload")
    # credentials are not there in ExecReload, so that a check of secrets would refuse every reload
    assert check.split()[1:] == ["check", "--without-secrets", "--config", "/etc/complaint-monitor/config.yaml"]
    assert hangup == "/bin/kill -HUP $MAINPID"


def test_the_unit_allows_what_the_program_takes() -> None:
    assert float(lines("TimeoutStopSec")[0]) > STOP_S + 3
    assert lines("RestartPreventExitStatus") == ["78"]
    assert lines("Type") == ["notify"]
    assert lines("WatchdogSec") == ["60"]
    assert POLL_DEADLINE_S > 300, "a poll's lease ends first"


def test_loopback_is_open_and_private_networks_are_not() -> None:
    assert lines("IPAddressAllow") == ["localhost"]
    denied = lines("IPAddressDeny")[0].split()
    assert {"10.0.0.0/8", "169.254.0.0/16", "fc00::/7"} <= set(denied)
    assert not {"localhost", "127.0.0.0/8", "any"} & set(denied)
    assert lines("ProcSubset") == []


def test_secrets_come_as_credentials_and_never_in_the_environment() -> None:
    assert "x-token" in lines("LoadCredential")
    assert not re.search(r"TOKEN|SECRET|PASSWORD", " ".join(lines("Environment")))


def test_a_failure_is_told_without_the_program() -> None:
    assert lines("OnFailure") == ["complaint-monitor-failed@%n.service"]
    told = configparser.ConfigParser(strict=False, interpolation=None)
    told.read(UNITS / "complaint-monitor-failed@.service")
    assert "complaint-monitor/bin" not in told["Service"]["ExecStart"]


def test_the_page_for_operators_names_metrics_and_credentials_that_exist() -> None:
    page = PAGE.read_text()
    shown = set(re.findall(r"`(complaint_monitor_\w+)", page))
    source = replace(SOURCE, state=SourceState.STOPPED)
    text = render_metrics(replace(WELL, sources=(source,), late_cases={Level.CRITICAL: 1})).decode()
    assert len(shown) >= 9
    assert {name for name in shown if f"\n{name}" not in "\n" + text} == set()
    for name in lines("LoadCredential"):
        assert f"`{name}`" in page
