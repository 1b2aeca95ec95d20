"""What a limited child does to itself before it runs anything else; started by `renders.sandbox` only."""

import ctypes
import json
import os
import resource
import runpy
import signal
import socket
import sys
from dataclasses import dataclass

OUT_OF_MEMORY = 4  # exit code of a child whose memory was refused

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use; `file_mb` is the largest single file it may write."""

    memory_mb: int
    cpu_seconds: int
    wall_seconds: int
    file_mb: int


def confine(limits: Limits, parent: int) -> None:
    """Give up, for this process and all it starts, everything beyond `limits`."""
    _die_with(parent)
    _shut_network()
    megabyte = 1024 * 1024
    _limit(resource.RLIMIT_AS, limits.memory_mb * megabyte)
    _limit(resource.RLIMIT_FSIZE, limits.file_mb * megabyte)
    _limit(resource.RLIMIT_CORE, 0)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    top = limits.cpu_seconds + 5 if hard == resource.RLIM_INFINITY else min(hard, limits.cpu_seconds + 5)
    resource.setrlimit(resource.RLIMIT_CPU, (min(limits.cpu_seconds, top), top))


def _limit(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (allowed, allowed))


def _die_with(parent: int) -> None:
    """Linux ends this process when its parent is gone, even by kill -9."""
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # gone before we asked
        os.kill(os.getpid(), signal.SIGKILL)


def _shut_network() -> None:
    """Move into a network of our own without any connection; some kernels and containers do not allow it."""
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET):
        if libc.unshare(flags) == 0:
            return


def _network() -> str:
    names = [name for _, name in socket.if_nameindex()]
    return "shut" if names in ([], ["lo"]) else "open"


def _main() -> None:
    if sys.argv[1:] == ["--network"]:
        sys.stdout.write(_network())
        return
    limits, parent, module, *arguments = sys.argv[1:]
    confine(Limits(**json.loads(limits)), int(parent))
    sys.argv = [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


if __name__ == "__main__":
    _main()
