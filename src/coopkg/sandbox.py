"""What a worker process may not do: reach the network, start programs, outlive its parent, take all the memory.

The only module that speaks to the kernel's prctl. Linux only; `available` says whether the locks hold here.
Sources: seccomp(2), prctl(2), linux/filter.h; ADR 0010.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

STACK_BYTES = 256 << 20
_STACK_S = 1.0

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 1, 38, 22
_SECCOMP_MODE_FILTER = 2
_LOAD, _JUMP_EQUAL, _JUMP_GREATER, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 1  # SECCOMP_RET_ALLOW; SECCOMP_RET_ERRNO with EPERM
_OFFSET_CALL, _OFFSET_ARCHITECTURE = 0, 4
_X32_CALLS = 0x40000000

#: Architecture -> (AUDIT_ARCH constant, call numbers refused): socket, connect, bind, listen, accept, accept4,
#: socketpair, execve, execveat, ptrace, process_vm_readv, process_vm_writev, io_uring_setup, bpf, kill. (The C library
#: aborts by tgkill, which stays.)
_CALLS = {
    "x86_64": (0xC000003E, (41, 42, 49, 50, 43, 288, 53, 59, 322, 101, 310, 311, 425, 321, 62)),
    "aarch64": (0xC00000B7, (198, 203, 200, 201, 202, 242, 199, 221, 281, 117, 270, 271, 425, 280, 129)),
}


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]  # ctypes' own form


def available() -> bool:
    """Return whether this machine lets a worker be locked; tried in a process of its own, for locks are for good."""
    if platform.machine() not in _CALLS:
        return False
    arguments, environ = program("coopkg.sandbox")
    return subprocess.run(arguments, env=environ, capture_output=True, check=False).returncode == 0  # noqa: S603  # ours


def program(module: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """Return the command line and the environment that run a module of ours, found where this process finds it."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return [sys.executable, "-P", "-m", module, *arguments], environ


def try_out() -> None:
    """Lock this process.

    Raises:
        OSError, RuntimeError: the locks do not hold.
    """
    refuse_calls()
    limit_memory(1 << 30)
    with contextlib.suppress(PermissionError), socket.socket():
        raise RuntimeError("a socket can still be made")


def die_with_parent(parent: int) -> None:
    """Let the kernel kill this process when the thread that forked it ends, and now if it has ended already."""
    _prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL))
    if os.getppid() != parent:
        os._exit(0)


def refuse_calls() -> None:
    """Take network and programs away from this thread and those that it will make, for good.

    Raises:
        OSError: the kernel refuses the filter.
    """
    _prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1))
    program = _filter()
    _prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_SECCOMP_MODE_FILTER), ctypes.byref(_Program(len(program) // 8, program)))


def limit_memory(memory_bytes: int) -> None:
    """Take memory beyond a bound away from this process, for good; when the machine has none left, it goes first.

    Args:
        memory_bytes: what the process may allocate beyond what it holds now and the big stack.
    """
    limit = _address_space_bytes() + STACK_BYTES + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def with_big_stack(work: Callable[[], object]) -> object:
    """Run a function in a thread whose stack deep recursion in the engine does not overflow; return what it returns.

    None where it raises.
    """
    returned: list[object] = []
    before = threading.stack_size(STACK_BYTES)
    thread = threading.Thread(target=lambda: returned.append(work()), daemon=True)
    _start(thread)
    threading.stack_size(before)
    thread.join()
    return returned[0] if returned else None


def _start(thread: threading.Thread) -> None:
    """Start a thread; the stack of one that has just ended may take a moment to be given back, and count till then."""
    until = time.monotonic() + _STACK_S
    while True:
        try:
            thread.start()
            return
        except RuntimeError:
            if time.monotonic() > until:
                raise
            time.sleep(0.001)


def _filter() -> bytes:
    """Return the BPF program that refuses the calls of `_CALLS`, and every call of another architecture."""
    architecture, calls = _CALLS[platform.machine()]

    def step(code: int, jump_true: int, jump_false: int, value: int) -> bytes:
        return struct.pack("HBBI", code, jump_true, jump_false, value)

    count = len(calls)
    steps = [
        step(_LOAD, 0, 0, _OFFSET_ARCHITECTURE),
        step(_JUMP_EQUAL, 1, 0, architecture),
        step(_RETURN, 0, 0, _REFUSE),
        step(_LOAD, 0, 0, _OFFSET_CALL),
        step(_JUMP_GREATER, count + 1, 0, _X32_CALLS),
        *(step(_JUMP_EQUAL, count - index, 0, call) for index, call in enumerate(calls)),
        step(_RETURN, 0, 0, _ALLOW),
        step(_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(steps)


def _prctl(option: int, *values: object) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    words = [*values, *(ctypes.c_ulong(0) for _ in range(4 - len(values)))]
    if library.prctl(ctypes.c_int(option), *words) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}) is refused: {os.strerror(number)}")


def _address_space_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    try_out()
