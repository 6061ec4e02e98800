"""Start a program that ends together with the one who started it.

Run as `python -I -S launch.py PARENT USER GROUP SIGNAL COMMAND…`: change to that user (numbers, or "-" for no change), ask the
kernel for SIGNAL when PARENT dies, then become COMMAND. A program of its own, because between fork and exec a process with
threads must not run Python, and because the kernel forgets the wish when the user changes. Standard library only.

Where the kernel has no such means (macOS), a small shell watches a pipe that closes when PARENT dies.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
WATCH_DESCRIPTOR = "HAIHE_WATCH_DESCRIPTOR"


def main(parent: int, user: str, group: str, signal_number: int, command: list[str]) -> None:
    """Never returns: becomes `command`, or exits with 127."""
    watched = os.environ.pop(WATCH_DESCRIPTOR, None)
    ask_kernel = kernel_wish() if watched is None else None  # now: the new user may be unable to read Python's files
    if user != "-":
        os.setgroups([])
        os.setgid(int(group))
        os.setuid(int(user))
    if watched is not None:
        watch_pipe(int(watched), signal_number)
    elif ask_kernel is not None:
        ask_kernel(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os._exit(127)
    try:
        os.execv(command[0], command)  # noqa: S606 - no shell is meant
    except OSError as error:
        sys.stderr.write("cannot start " + command[0] + ": " + str(error) + "\n")
        os._exit(127)


def kernel_wish() -> Callable[..., int]:
    """Give the kernel's prctl."""
    import ctypes  # noqa: PLC0415 - costs some milliseconds and is needed on Linux alone

    return ctypes.CDLL(None).prctl


def watch_pipe(descriptor: int, signal_number: int) -> None:
    """Leave a shell behind that sends the signal when the pipe ends, and just goes when a line comes first.

    It is a grandchild, so that the command never meets a child that it does not know.
    """
    me = os.getpid()
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            os.setsid()
            os.dup2(descriptor, 0)
            with contextlib.suppress(OSError):
                watch = "read nothing || kill -" + str(signal_number) + " " + str(me)
                os.execv("/bin/sh", ["sh", "-c", watch])  # noqa: S606 - the shell is meant
        os._exit(0)
    os.waitpid(child, 0)
    os.close(descriptor)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5:])
