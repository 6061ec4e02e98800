"""Children never outlive the one who started them, by the kernel's means and without them."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from haihe.ops.processes import process_at, start_child, works_in
from tests.cities import is_alive, until

PARENT = """
import sys, time
from pathlib import Path
from haihe.ops.processes import start_child
child = start_child([sys.executable, "-c", "import time; time.sleep(600)"], log=Path(sys.argv[1]), kernel_watches=sys.argv[2] == "kernel")
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("means", ["kernel", "pipe"])
def test_a_child_dies_with_its_parent(tmp_path: Path, means: str):
    if means == "kernel" and sys.platform != "linux":
        pytest.skip("only Linux tells children of their parent's death")
    with subprocess.Popen(
        [sys.executable, "-P", "-c", PARENT, str(tmp_path / "log"), means], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        time.sleep(0.3)
        assert is_alive(child)
        parent.kill()
        until(lambda: not is_alive(child), "the child ended")


@pytest.mark.parametrize("kernel_watches", [True, False])
def test_a_stopped_child_is_gone_and_nobody_else_is_hit(tmp_path: Path, kernel_watches: bool):
    sleeping = [sys.executable, "-c", "import time; time.sleep(600)"]
    child = start_child(sleeping, log=tmp_path / "log", kernel_watches=kernel_watches)
    time.sleep(0.2)
    watchers = [
        process
        for process in psutil.process_iter()
        if process.name() == "sh" and str(child.pid) in " ".join(_line(process))
    ]
    assert len(watchers) == (0 if kernel_watches else 1)
    child.stop((signal.SIGTERM, 5.0))
    assert child.process.returncode == -signal.SIGTERM
    until(lambda: not any(map(is_alive, watchers)), "the watcher went home")


def _line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path):
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    child = start_child([sys.executable, "-c", deaf], log=tmp_path / "log")
    until(lambda: "deaf" in (tmp_path / "log").read_text(), "it is deaf")
    child.stop((signal.SIGTERM, 0.1))
    assert child.process.returncode == -signal.SIGKILL


def test_a_program_that_is_not_there_says_so_in_the_log(tmp_path: Path):
    child = start_child(["/no/such/program"], log=tmp_path / "log")
    assert child.process.wait(10) == 127
    assert "cannot start /no/such/program" in (tmp_path / "log").read_text()


def test_processes_are_known_by_where_they_work(tmp_path: Path):
    child = start_child([sys.executable, "-c", "import time; time.sleep(600)"], log=tmp_path / "log", folder=tmp_path)
    try:
        assert [process.pid for process in works_in(tmp_path)] == [child.pid]
        found = process_at(child.pid, tmp_path)
        assert found is not None
        assert found.pid == child.pid
        assert process_at(child.pid, tmp_path.parent) is None
        assert process_at(-1, tmp_path) is None
    finally:
        child.stop()
    assert list(works_in(tmp_path)) == []
