"""Writes batches with a process for each core: half of the work is Python's, half is that of the database's own process.

No Django up here: a new process reads this module before it has set Django up.
"""

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from demo.generated.writing import Order

# What a process writes with, once it has begun.
_writer: Any = None


def write(order: "Order", batches: Sequence[range], processes: int) -> Iterator[range]:
    """Write the batches and yield each as it is there, in their order. Left early, it finishes those that were begun."""
    from django.db import connection

    # New ones, and none that share open connections with us.
    context = multiprocessing.get_context("spawn")
    is_over = context.Event()
    pool = ProcessPoolExecutor(
        processes, context, _begin, (pickle.dumps((connection.settings_dict["NAME"], order)), is_over)
    )
    try:
        for batch, _ in zip(batches, pool.map(_write, batches), strict=True):
            yield batch
    except Exception:
        # Those that wait for the one that failed would wait for ever.
        is_over.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(pickled: bytes, is_over: Any) -> None:
    global _writer  # noqa: PLW0603  the executor gives a process no other place
    # Ctrl-C is for the one that began it all, which lets us finish what we are at.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import django

    django.setup()
    from django.db import connection

    from demo.generated.writing import Writer

    connection.settings_dict["NAME"], order = pickle.loads(pickled)  # noqa: S301  of our own parent
    _writer = Writer(order, is_over.is_set)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _write(batch: range) -> None:
    _writer.write(batch)
