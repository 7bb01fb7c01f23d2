"""Databases of generated pieces to measure in, one of each size, under VAR/scale: kept, and used again.

    with library.opened(100_000):
        …

They are for measuring alone: nothing waits for the disk, and what is cached is what a server of that size would cache.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from forum import embedded

ROOT = Path(__file__).resolve().parent.parent
SEED = 1
# Shorter than real ones, so that a million of them are made within the hour and fit on the disk of a laptop.
WORDS = 120
CACHE = "1GB"
YEARS = 12


def folder(size: int) -> Path:
    return Path(os.environ.get("BENCH_VAR") or ROOT / "var") / "scale" / str(size)


@contextlib.contextmanager
def opened(size: int) -> Iterator[None]:
    """Django set up with the database of so many pieces, filled where it is not. Once a process."""
    var = folder(size)
    var.mkdir(parents=True, exist_ok=True)
    os.environ |= {"VAR": str(var), "DJANGO_SETTINGS_MODULE": "forum.settings", "PAGE_CACHE_MB": "0"}
    os.environ.pop("DATABASE_URL", None)
    embedded.ensure(var, is_durable=False)
    try:
        import django

        django.setup()
        _fill(size)
        yield
    finally:
        from django.db import connection

        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one
        embedded.release(var)


def _fill(size: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    with connection.cursor() as cursor:
        cursor.execute("SHOW shared_buffers")
        if cursor.fetchone() != (CACHE,):
            cursor.execute(f"ALTER SYSTEM SET shared_buffers = '{CACHE}'")
            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]  # the same
            embedded.stop(folder(size))
            embedded.ensure(folder(size), is_durable=False)
    call_command("generate_articles", str(size), seed=SEED, words=WORDS, years=YEARS)


if __name__ == "__main__":
    with opened(int(sys.argv[1])):
        pass
