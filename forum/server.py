"""The server: granian, whose processes come from one that has the whole site loaded already.

    python -m forum.server --host 127.0.0.1 --port 8000 --workers 2

It takes what `granian --help` lists. The processes share the memory of what was loaded before they parted, and one that died is
back at once instead of after the seconds that loading takes. Where processes are not forked (macOS) each loads the site itself.
"""

import gc
import os
import sys


def load() -> None:
    """Everything that a request may need, but for what must not be shared: connections and threads."""
    import django
    from django.urls import get_resolver

    django.setup()
    resolver = get_resolver()
    # Imports the views of every room.
    for pattern in resolver.url_patterns:
        getattr(pattern, "url_patterns", None)
    from forum.pagecache import setup  # noqa: F401  only loaded

    gc.collect()
    # What is there now stays: the collector need not write into it, which would unshare it.
    gc.freeze()


def main(application: str = "forum.wsgi:application") -> None:
    if sys.platform == "linux" and "MALLOC_ARENA_MAX" not in os.environ:
        # Each thread would else have memory of its own that comes back late: an eighth of all, as measured. Read at the start alone.
        os.environ["MALLOC_ARENA_MAX"] = "2"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  ourselves
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forum.settings")
    from granian.cli import entrypoint

    load()
    sys.argv[1:1] = ["--interface", "wsgi", "--no-ws", application]
    entrypoint()  # type: ignore[no-untyped-call]  # it ships none


if __name__ == "__main__":
    main()
