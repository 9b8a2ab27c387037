"""Do the same for many things, in as many processes as there are cores; each answer is given when it is there.

The command may be asked to stop: what has begun is finished, nothing more is begun. A process that ends itself or
is killed takes no other answer with it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, resource_tracker
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
R = TypeVar("R")

LOOK = 0.1
"""Seconds between two looks at whether to stop."""


def pool_of(processes: int) -> Executor:
    """Processes that start afresh: a copy of a process with threads, as NumPy starts them, may hang."""
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"))


def answers(
    ask: Callable[[T], R], things: Sequence[T], *, gone: Callable[[T], R], stopped: Callable[[], bool]
) -> Iterator[tuple[int, R]]:
    """Ask about each thing, and give the answers with their positions, in the order in which they come.

    Parameters
    ----------
    ask : callable
        A function at the top of a module, so that another process finds it.
    gone : callable
        The answer where the process is gone.
    stopped : callable
        Whether to begin nothing more.
    """
    waiting, suspects = deque(enumerate(things)), deque[tuple[int, T]]()
    while (waiting or suspects) and not stopped():
        if not suspects:
            yield from _together(ask, waiting, suspects, stopped)
        while suspects and not stopped():  # a process is gone: each that was running is asked again, alone
            number, thing = suspects.popleft()
            yield number, _alone(ask, thing, gone)


def _together(
    ask: Callable[[T], R],
    waiting: deque[tuple[int, T]],
    suspects: deque[tuple[int, T]],
    stopped: Callable[[], bool],
) -> Iterator[tuple[int, R]]:
    """Ask about several at a time, until all are done or one of the processes is gone."""
    cores = min(os.cpu_count() or 1, len(waiting))
    running: dict[Future[R], tuple[int, T]] = {}
    with pool_of(cores) as pool:
        while running or (waiting and not stopped() and not suspects):
            while waiting and len(running) < cores and not stopped() and not suspects:
                try:
                    with _not_interrupted():
                        future = pool.submit(ask, waiting[0][1])
                except BrokenProcessPool:  # it is gone while nobody waited for it
                    break
                running[future] = waiting.popleft()
            done, _others = wait(running, timeout=LOOK, return_when=FIRST_COMPLETED)
            for future in done:
                number, thing = running.pop(future)
                try:
                    yield number, future.result()
                except BrokenProcessPool:
                    suspects.append((number, thing))


def _alone(ask: Callable[[T], R], thing: T, gone: Callable[[T], R]) -> R:
    """Ask about one, in a process of its own."""
    with pool_of(1) as pool:
        try:
            with _not_interrupted():
                future = pool.submit(ask, thing)
            return future.result()
        except BrokenProcessPool:
            return gone(thing)


@contextmanager
def _not_interrupted() -> Iterator[None]:
    """Start processes inside that do not hear Ctrl-C: the command decides what it means.

    What is pressed meanwhile is held back and heard behind it; if it were ignored it would be lost. The tracker of
    resources is started before, because starting it lets Ctrl-C through again.
    """
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
