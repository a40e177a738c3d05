import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.errors import Locked, StoreError
from monitor.service.lock import StoreLock, holder_of


def test_a_second_holder_is_refused_naming_pid_and_socket(tmp_path: Path) -> None:
    store, socket = tmp_path / "monitor.db", tmp_path / "monitor.db.sock"
    with StoreLock(store, socket), pytest.raises(Locked) as refusal:
        StoreLock(store, wait_s=0).acquire()
    assert (refusal.value.pid, refusal.value.socket) == (os.getpid(), str(socket))
    assert str(os.getpid()) in str(refusal.value)
    assert str(socket) in str(refusal.value)


def test_a_released_lock_is_free_again(tmp_path: Path) -> None:
    store = tmp_path / "monitor.db"
    for _ in range(2):
        with StoreLock(store):
            pass
    assert holder_of(store) is None


def test_the_holder_can_be_asked_for(tmp_path: Path) -> None:
    store = tmp_path / "monitor.db"
    assert holder_of(store) is None
    with StoreLock(store, tmp_path / "s"):
        held = holder_of(store)
    assert held is not None
    assert held.socket == str(tmp_path / "s")


def test_no_child_keeps_the_lock(tmp_path: Path) -> None:
    """A program started by the holder, and a fork of the holder, outlive the lock without holding it."""
    store = tmp_path / "monitor.db"
    script = (
        "import os, subprocess, sys\n"
        "from pathlib import Path\n"
        "from monitor.service.lock import StoreLock\n"
        "lock = StoreLock(Path(sys.argv[1])); lock.acquire()\n"
        "subprocess.Popen(['sleep', '30'], close_fds=False, stdout=subprocess.DEVNULL)\n"
        "if os.fork() == 0:\n"
        "    os.close(1); os.execvp('sleep', ['sleep', '30'])\n"
        "print('held', flush=True); sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(store)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
    )
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == b"held\n"
        assert holder_of(store) is not None
        holder.communicate()
        StoreLock(store, wait_s=0).acquire()
    finally:
        os.killpg(holder.pid, signal.SIGKILL)


def test_a_lock_file_of_a_dead_holder_is_no_lock(tmp_path: Path) -> None:
    store = tmp_path / "monitor.db"
    (tmp_path / "monitor.db.lock").write_text(json.dumps({"pid": 1, "socket": "/nowhere"}))
    assert holder_of(store) is None
    StoreLock(store, wait_s=0).acquire()


def test_a_link_in_the_place_of_the_lock_file_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("keep me")
    (tmp_path / "monitor.db.lock").symlink_to(target)
    with pytest.raises(StoreError, match="cannot be opened"):
        StoreLock(tmp_path / "monitor.db").acquire()
    assert target.read_text() == "keep me"
