"""What a query worker gives up: the network, writing, other programs, endless memory.

Two means, each where the system has it: a network namespace of its own, which holds nothing,
and a filter of system calls (seccomp), which the process cannot take off again. Either alone
keeps SERVICE and LOAD from reaching anything.

References
----------
.. [1] Linux, ``Documentation/userspace-api/seccomp_filter.rst``; ``unshare(2)``.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import struct
from dataclasses import dataclass

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER = 1
_ALL_THREADS = 1

# Classic BPF: opcodes of the few instructions that are used.
_LOAD, _AND = 0x20, 0x54
_JUMP_EQUAL, _JUMP_GREATER_OR_EQUAL = 0x15, 0x35
_RETURN = 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


@dataclass(frozen=True, slots=True)
class _Architecture:
    audit: int
    seccomp: int
    most: int
    """Numbers from here on are of another calling convention."""
    opening: tuple[tuple[int, int], ...]
    """Calls that open a file, and which of their arguments holds the flags."""
    denied: tuple[int, ...]


# socket, connect, bind, listen; ptrace, execve, execveat; io_uring_setup (it can do all of
# these), openat2; then renaming, removing, linking, making and cutting short of files.
_ARCHITECTURES = {
    "x86_64": _Architecture(
        0xC000003E, 317, 0x40000000, ((2, 1), (257, 2)),
        (41, 42, 49, 50, 101, 59, 322, 425, 437, 85,
         82, 264, 316, 87, 263, 84, 83, 258, 86, 265, 88, 266, 76, 77),
    ),
    "aarch64": _Architecture(
        0xC00000B7, 277, 0x40000000, ((56, 2),),
        (198, 203, 200, 201, 117, 221, 281, 425, 437, 38, 276, 35, 34, 37, 36, 45, 46),
    ),
}  # fmt: skip


def leave_network() -> bool:
    """Move this process to a network namespace of its own that holds nothing.

    It must have no threads yet.

    Returns
    -------
    bool
        Whether the system let it.
    """
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        # Without the rights of root, a namespace of users has to come along.
        return any(
            libc.unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET)
        )
    except (OSError, AttributeError):
        return False


def deny_system_calls() -> bool:
    """Let no thread of this process make sockets, write files or start programs any more.

    Files that are open stay as they are. A denied call fails with EPERM.

    Returns
    -------
    bool
        Whether the system let it.
    """
    architecture = _ARCHITECTURES.get(platform.machine())
    if architecture is None:
        return False
    code = b"".join(_program(architecture))
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        buffer = ctypes.create_string_buffer(code, len(code))
        program = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
        if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
            return False
        done = libc.syscall(architecture.seccomp, _SET_MODE_FILTER, _ALL_THREADS, program)
    except (OSError, AttributeError):
        return False
    return bool(done == 0)


def limit_memory(memory_bytes: int) -> None:
    """Let this process take no more address space than it has and `memory_bytes` besides."""
    with open("/proc/self/statm", encoding="ascii") as file:
        taken = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    limit = taken + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _program(architecture: _Architecture) -> list[bytes]:
    """Return the filter as instructions of eight bytes; jumps count from the next one."""
    fail = _step(_RETURN, _FAIL | errno.EPERM)
    steps = [
        _step(_LOAD, _ARCHITECTURE_AT),
        _step(_JUMP_EQUAL, architecture.audit, yes=1),
        fail,
        _step(_LOAD, _NUMBER_AT),
        _step(_JUMP_GREATER_OR_EQUAL, architecture.most, no=1),
        fail,
    ]
    for number in architecture.denied:
        steps += [_step(_JUMP_EQUAL, number, no=1), fail]
    for number, place in architecture.opening:
        steps += [
            _step(_JUMP_EQUAL, number, no=5),
            _step(_LOAD, _ARGUMENTS_AT + 8 * place),
            _step(_AND, _WRITING),
            _step(_JUMP_EQUAL, 0, yes=1),
            fail,
            _step(_RETURN, _ALLOW),
        ]
    return [*steps, _step(_RETURN, _ALLOW)]


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
