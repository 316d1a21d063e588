"""Runs a program that ends when the one who asked for it does, however that ends: `leash.py PARENT PROGRAM ARGS...`.

A program of its own, for the standard library only: what runs between a fork and its exec in a process full of gRPC
threads may not run at all.
"""

import contextlib
import ctypes
import os
import signal
import sys

_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2), on Linux

if __name__ == "__main__":
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() != int(sys.argv[1]):
        sys.exit(1)
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - the programs of the house, by their paths
