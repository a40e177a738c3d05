"""The default model needs nothing but its own files: no network, little time, little memory."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """
import json, socket, sys, time
started = time.perf_counter()

def refuse(*_, **__):
    raise OSError("the network is cut off")

socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refuse
socket.getaddrinfo = socket.create_connection = refuse

from models.registry import load_classifier
verdict = load_classifier("complaint-minilm").classify(["my parcel never arrived, I want a refund"])[0]
elapsed = time.perf_counter() - started
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
print(json.dumps({"complaint": verdict.complaint, "elapsed": elapsed, "peak_mb": peak}))
"""


@pytest.fixture(scope="module")
def run() -> tuple[dict[str, Any], str]:
    """What a fresh process prints, and what it writes to its error stream."""
    ran = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout), ran.stderr


def test_it_classifies_with_the_network_cut_off(run: tuple[dict[str, Any], str]) -> None:
    assert run[0]["complaint"] > 0.5


def test_it_writes_nothing_to_the_error_stream(run: tuple[dict[str, Any], str]) -> None:
    assert run[1] == ""


def test_a_process_with_the_model_stays_below_300_mb(run: tuple[dict[str, Any], str]) -> None:
    assert run[0]["peak_mb"] < 300


def test_the_first_verdict_comes_soon(run: tuple[dict[str, Any], str]) -> None:
    assert run[0]["elapsed"] < 6  # 1.5 s on an idle machine, which the bench measures; tests run beside others


def test_the_weights_fit_into_the_repository() -> None:
    files = (ROOT / "models/weights/complaint-minilm").rglob("*")
    assert sum(file.stat().st_size for file in files if file.is_file()) <= 25_000_000
