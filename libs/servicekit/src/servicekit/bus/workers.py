"""What the tasks that run for ever have in common."""

import asyncio
import os
import socket


def still_wanted() -> None:
    """Ends a task that was cancelled while a driver made an error of its own of it."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def this_worker() -> str:
    """A name no other worker has at the same time."""
    return f"{socket.gethostname()}:{os.getpid()}"
