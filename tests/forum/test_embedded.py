"""The embedded database and the processes of `make run`, in folders of their own; each database takes about a second."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from forum import embedded, postgres, processes
from forum.postgres import EmbeddedError

# Uses the database of a VAR until its standard input ends, and says what it saw.
USER = """
import sys
from pathlib import Path
import psycopg
from forum import embedded
var = Path(sys.argv[1])
started = embedded.ensure(var, is_durable=False)
with psycopg.connect(embedded.url(var)) as connection:
    answer = connection.execute("select 40 + 2").fetchone()[0]
print(started, answer, flush=True)
sys.stdin.read()
print(embedded.release(var), flush=True)
"""


class User:
    """Another process that uses the database."""

    def __init__(self, var: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(var)],
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def leave(self) -> str:
        assert self.process.stdin
        self.process.stdin.close()
        said = self.line()
        self.process.wait()
        return said

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def new_var(tmp_path: Path) -> Iterator[Path]:
    """A folder without a database."""
    tmp_path.chmod(0o755)
    folder = tmp_path / "var"
    yield folder
    embedded.stop(folder)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped database, made once: making one takes longer than all that is done with it here."""
    folder = tmp_path_factory.mktemp("made")
    embedded.ensure(folder, is_durable=False)
    embedded.release(folder)
    return folder


@pytest.fixture
def var(new_var: Path, made: Path) -> Path:
    """A folder with a database that is stopped."""
    subprocess.run(["cp", "-a", str(made), str(new_var)], check=True)  # noqa: S607
    new_var.chmod(0o755)
    return new_var


@pytest.fixture
def user(new_var: Path) -> Iterator[Callable[[], User]]:
    users: list[User] = []

    def start() -> User:
        users.append(User(new_var))
        return users[-1]

    yield start
    for each in users:
        for end in (each.process.stdin, each.process.stdout):
            assert end
            end.close()
        each.kill()


def kill(var: Path) -> None:
    """Kill the database, and wait until it is gone."""
    pid = postgres.postmaster(var / "postgres")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    while embedded.is_running(var):
        time.sleep(0.01)


def ask(var: Path, query: str) -> object:
    with psycopg.connect(embedded.url(var)) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[arg-type]  # a query of ours
        assert row
        return row[0]


def test_last_to_leave_stops_it_and_text_survives(new_var: Path, user: Callable[[], User]) -> None:
    first, second = user(), user()
    assert sorted([first.line(), second.line()]) == ["False 42", "True 42"]  # both at once, and one started it
    with psycopg.connect(embedded.url(new_var)) as connection:
        connection.execute("create table kept as select 'kept' as word")
    assert first.leave() == "False"
    assert embedded.is_running(new_var)
    assert second.leave() == "True"
    assert not embedded.is_running(new_var)

    assert embedded.ensure(new_var, is_durable=False)
    assert ask(new_var, "select word from kept") == "kept"
    assert embedded.release(new_var)


def test_it_is_private(var: Path) -> None:
    embedded.ensure(var, is_durable=False)
    assert ask(var, "show listen_addresses") == ""
    socket = Path(embedded.host(var))
    assert socket.stat().st_mode & 0o077 == 0
    assert (var / "postgres" / "data").stat().st_mode & 0o077 == 0
    for name in ("lock", "users", "log"):
        assert (var / "postgres" / name).stat().st_mode & 0o077 == 0


def test_search_sees_words_without_their_quotation_marks(var: Path) -> None:
    embedded.ensure(var, is_durable=False)
    assert ask(var, "select to_tsvector('simple', '“Quoted” — word')::text") == "'quoted':1 'word':2"
    assert ask(var, "select lower('ÉÀ한')") == "éà한"


def test_its_user_is_killed(var: Path, user: Callable[[], User]) -> None:
    killed = user()
    assert killed.line() == "True 42"
    killed.kill()
    assert embedded.is_running(var)
    after = user()
    assert after.line() == "False 42"
    assert after.leave() == "True"  # the killed one is not waited for


def test_it_is_killed(var: Path, user: Callable[[], User]) -> None:
    assert user().line() == "True 42"  # and stays: PostgreSQL is its child, and so a zombie once killed
    kill(var)
    assert embedded.ensure(var, is_durable=False)
    assert ask(var, "select 1") == 1


def test_its_number_belongs_to_another_process_by_now(var: Path, user: Callable[[], User]) -> None:
    assert user().line() == "True 42"
    kill(var)
    pid_file = var / "postgres" / "data" / "postmaster.pid"
    stranger = subprocess.Popen(["sleep", "60"])  # noqa: S607
    try:
        lines = pid_file.read_text().split("\n")
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        assert not embedded.stop(var)
        assert embedded.ensure(var, is_durable=False)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_start_is_killed(new_var: Path, user: Callable[[], User]) -> None:
    begun = user()
    deadline = time.monotonic() + 20
    while not list((new_var / "postgres").glob("data.*")) and time.monotonic() < deadline:
        time.sleep(0.005)
    begun.kill()
    assert not (new_var / "postgres" / "data").exists()
    assert embedded.ensure(new_var, is_durable=False)
    assert ask(new_var, "select 1") == 1


def test_a_long_path_with_spaces(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    var = tmp_path / ("a folder, 'quoted' " + "x" * 90)
    socket = Path(embedded.host(var))
    assert len(str(socket)) < 76
    try:
        assert embedded.ensure(var, is_durable=False)
        assert ask(var, "select 1") == 1
        assert socket.stat().st_mode & 0o077 == 0
    finally:
        embedded.stop(var)
    assert not socket.exists()


def test_a_socket_folder_of_somebody_else_is_refused(new_var: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    postgres.make_home(new_var)
    socket = Path(embedded.host(new_var))
    socket.symlink_to(elsewhere)
    try:
        with pytest.raises(EmbeddedError, match="belongs to somebody else"):
            embedded.ensure(new_var)
    finally:
        socket.unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may enter anything")
def test_root_in_a_folder_that_only_root_may_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    var = closed / "var"
    try:
        assert embedded.ensure(var, is_durable=False)
        assert ask(var, "select 1") == 1
        assert closed.stat().st_mode & 0o777 == 0o700
    finally:
        embedded.stop(var)


def test_without_the_wheel_it_says_what_to_do(new_var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EmbeddedError, match=r"DATABASE_URL.*\n.*requirements-embedded\.txt"):
        embedded.ensure(new_var)


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedError, match="Choose another folder with VAR"):
        embedded.ensure(tmp_path / "file" / "var")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", False),
        ("help migrate", False),
        ("--help", False),
        ("migrate --help", False),
        ("--version", False),
        ("check", False),
        ("check --deploy", False),
        ("check --database default", True),
        ("check --database=default", True),
        ("collectstatic --no-input", False),
        ("makemessages -a", False),
        ("stop", False),
        ("serve", False),
        ("migrate", True),
        ("shell", True),
        ("procrastinate worker", True),
        ("--settings x migrate", True),
        ("a_command_of_tomorrow", True),
    ],
)
def test_which_commands_need_it(line: str, expected: bool) -> None:
    assert embedded.needs_database(line.split()) is expected


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"PORT": "abc"}, "PORT is a number from 1 to 65535"),
        ({"PORT": "99999"}, "PORT is a number from 1 to 65535"),
        ({"VAR": "/proc/nowhere"}, "Choose another folder with VAR"),
        ({"DATABASE_URL": "postgresql://forum@localhost/forum", "SECRET_KEY": ""}, "SECRET_KEY is not set"),
    ],
)
def test_settings_that_cannot_be_used_are_named_without_a_traceback(environment: dict[str, str], said: str) -> None:
    for command in ("migrate", "serve"):
        result = subprocess.run(
            [sys.executable, "manage.py", command],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "forum.settings"} | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 1
        assert said in result.stderr
        assert "Traceback" not in result.stderr


def test_remember_makes_a_private_text_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret"
    assert embedded.remember(path, lambda: "first") == "first"
    assert embedded.remember(path, lambda: "second") == "first"
    assert path.stat().st_mode & 0o777 == 0o600


def test_remember_in_many_processes_at_once(tmp_path: Path) -> None:
    code = (
        "import secrets, sys; from pathlib import Path; from forum import embedded;"
        "print(embedded.remember(Path(sys.argv[1]), secrets.token_hex))"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "new" / "secret")],
            cwd=settings.BASE_DIR,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    assert len({process.communicate()[0] for process in running}) == 1


# --- The processes of `make run` ------------------------------------------------------------------


def started(arguments: list[str], var: Path) -> "subprocess.Popen[bytes]":
    return processes.start(arguments, os.environ | {"VAR": str(var)}, settings.BASE_DIR)


def is_empty(group: int) -> bool:
    """Whether nobody is left in a group, after a moment for the killed to go."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_a_recorded_process_is_ended_with_its_children(tmp_path: Path) -> None:
    with started(["sh", "-c", "sleep 60 & wait"], tmp_path) as process:
        record = processes.Record(tmp_path)
        record.add("worker", process.pid)
        assert processes.Record(tmp_path).is_alive("worker")
        assert processes.Record(tmp_path).end_all() == ["worker"]
        process.wait(5)
    assert is_empty(process.pid)
    assert processes.Record(tmp_path).end_all() == []


def test_children_of_a_killed_process_are_ended(tmp_path: Path) -> None:
    with started(["sh", "-c", "sleep 60 & wait"], tmp_path) as process:
        processes.Record(tmp_path).add("server", process.pid)
        time.sleep(0.2)
        process.kill()
        process.wait()
        os.killpg(process.pid, 0)  # its child is still there
        assert processes.Record(tmp_path).end_all() == ["server"]
        assert is_empty(process.pid)


def test_a_stranger_with_the_same_number_is_left_alone(tmp_path: Path) -> None:
    with started(["sleep", "60"], tmp_path) as stranger:
        record = processes.Record(tmp_path)
        record.add("server", stranger.pid)
        record.path.write_text(record.path.read_text().replace(record.processes["server"][1], "1"))
        assert processes.Record(tmp_path).end_all() == []
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"processes": {"server": 3}}', '{"address": "", "processes": []}']
)
def test_a_damaged_record_is_no_record(tmp_path: Path, text: str) -> None:
    (tmp_path / "serve.pid").write_text(text)
    assert processes.Record(tmp_path).end_all() == []
