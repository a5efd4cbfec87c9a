"""The locks of a worker: each refused call is really refused, by this kernel and by the program's own logic."""

from __future__ import annotations

import errno
import platform
import struct
import subprocess
import sys

import pytest

from coopkg import sandbox

ALLOW, REFUSE = 0x7FFF0000, 0x00050001
ARCHITECTURE, CALLS = sandbox._CALLS[platform.machine()]
#: Calls that a worker lives by, on x86_64: read, write, mmap, brk, futex, exit_group, clone, poll, recvfrom, sendto,
#: tgkill, clone3.
NEEDED = (0, 1, 9, 12, 202, 231, 56, 7, 45, 44, 234, 435) if platform.machine() == "x86_64" else ()


def _verdict(program: bytes, call: int, architecture: int) -> int:
    """Run the filter as the kernel would. Source: linux/filter.h, linux/seccomp.h."""
    steps = list(struct.iter_unpack("HBBI", program))
    data, value, at = {0: call, 4: architecture}, 0, 0
    while True:
        code, jump_true, jump_false, number = steps[at]
        at += 1
        if code == 0x06:
            return int(number)
        if code == 0x20:
            value = data[number]
        elif code == 0x15:
            at += jump_true if value == number else jump_false
        elif code == 0x35:
            at += jump_true if value >= number else jump_false
        else:
            raise AssertionError(f"unknown step {code:#x}")


def _locked(lines: str) -> subprocess.CompletedProcess[str]:
    """Run a few lines in a process whose calls are refused."""
    program = f"from coopkg import sandbox\nimport ctypes, os\nsandbox.refuse_calls()\n{lines}"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("machine", sorted(sandbox._CALLS))
def test_by_its_logic_the_filter_refuses_each_call_and_nothing_beside(
    machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    architecture, calls = sandbox._CALLS[machine]
    program = sandbox._filter()
    refused = {call for call in range(600) if _verdict(program, call, architecture) == REFUSE}
    assert refused == set(calls)
    assert len(set(calls)) == 15
    assert {_verdict(program, call, architecture) for call in range(600)} == {ALLOW, REFUSE}


def test_by_its_logic_the_filter_refuses_other_architectures_and_x32() -> None:
    program = sandbox._filter()
    for call in (0, 1, 41, 59, 231):
        assert _verdict(program, call, 0x40000003) == REFUSE, "i386: other numbers for the same calls"
        assert _verdict(program, call, 0) == REFUSE
        assert _verdict(program, call | 0x40000000, ARCHITECTURE) == REFUSE, "x32"
    assert _verdict(program, 0xFFFFFFFF, ARCHITECTURE) == REFUSE
    assert _verdict(program, 0x3FFFFFFF, ARCHITECTURE) == ALLOW


def test_this_kernel_refuses_each_listed_call_and_x32() -> None:
    done = _locked(
        f"library = ctypes.CDLL(None, use_errno=True)\n"
        f"for call in ({', '.join(map(str, CALLS))}, 39 | 0x40000000):\n"
        f"    ctypes.set_errno(0)\n"
        f"    print(library.syscall(ctypes.c_long(call), 0, 0, 0, 0, 0, 0), ctypes.get_errno())\n"
    )
    assert done.stdout.splitlines() == [f"-1 {errno.EPERM}"] * (len(CALLS) + 1), done.stderr


@pytest.mark.parametrize(
    "lines",
    [
        "import socket; socket.socket()",
        "import socket; socket.socket(socket.AF_UNIX)",
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.socketpair()",
        "os.execv('/bin/true', ['true'])",
        "os.kill(os.getppid(), 0)",
        "import subprocess; subprocess.run(['/bin/true'])",
    ],
)
def test_python_is_refused_network_and_programs(lines: str) -> None:
    done = _locked(lines)
    assert done.returncode == 1
    assert "PermissionError" in done.stderr


def test_threads_made_later_are_locked_too() -> None:
    done = _locked(
        "import socket\n"
        "def work():\n"
        "    try: socket.socket()\n"
        "    except PermissionError: print('refused')\n"
        "sandbox.with_big_stack(work)\n"
    )
    assert done.stdout == "refused\n"


def test_memory_beyond_the_bound_is_refused_and_the_process_may_abort() -> None:
    done = _locked(
        "sandbox.limit_memory(64 << 20)\n"
        "def work():\n"
        "    b'x' * (32 << 20)\n"
        "    try: b'x' * (512 << 20)\n"
        "    except MemoryError: print('refused', flush=True)\n"
        "    os.abort()\n"
        "sandbox.with_big_stack(work)\n"
    )
    assert done.stdout == "refused\n"
    assert done.returncode == -6


def test_the_big_stack_is_big_and_the_usual_size_comes_back() -> None:
    done = _locked(
        "import threading\n"
        "before = threading.stack_size()\n"
        "sandbox.with_big_stack(lambda: print(open('/proc/self/statm').read().split()[0]))\n"
        "assert threading.stack_size() == before\n"
    )
    assert int(done.stdout) * 4096 > sandbox.STACK_BYTES, done.stderr


def test_one_big_stack_follows_another_where_there_is_memory_for_one_alone() -> None:
    done = _locked(
        "sandbox.limit_memory(64 << 20)\n"
        "def work():\n"
        "    os.setpriority(os.PRIO_PROCESS, 0, 19)  # so that the thread takes its time to end\n"
        "    return 1\n"
        "print(sum(sandbox.with_big_stack(work) for _ in range(500)))\n"
    )
    assert done.stdout == "500\n", done.stderr


def test_this_machine_can_lock_and_an_unknown_one_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sandbox.available()
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert not sandbox.available()


def test_a_process_whose_parent_has_gone_already_ends_at_once() -> None:
    done = _locked("sandbox.die_with_parent(1 << 22)\nprint('still here')")
    assert (done.returncode, done.stdout) == (0, "")
