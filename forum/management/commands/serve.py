"""`manage.py serve`: the whole site from one command, for trying it and for a small machine."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from argparse import RawDescriptionHelpFormatter
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from forum import embedded, processes
from forum.postgres import EmbeddedError

READY_SECONDS = 60
# Seconds before a process that died is started again; the last one from then on. After a good minute it starts over.
RESTART_AFTER = (0.5, 1, 2, 5, 15, 30)
GOOD_SECONDS = 60


@dataclass
class Child:
    """A process of the site, and when to start it again if it died."""

    name: str
    command: list[str]
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None


class Command(BaseCommand):
    help = (
        "Run the whole site: the database (where DATABASE_URL is unset), its tables, static files, the worker and the"
        " server.\nCtrl-C ends it all; so does `manage.py stop` from elsewhere.\n\n"
        "Example: PORT=8001 VAR=var2 manage.py serve"
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--host", default="127.0.0.1", help="Address to listen on; 0.0.0.0 for all (then set ALLOWED_HOSTS)."
        )
        parser.add_argument("--port", type=int, default=settings.PORT, help="Port to listen on (default: %(default)s).")
        parser.add_argument(
            "--workers", type=int, default=2, help="Processes that answer requests (default: %(default)s)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)  # mail, uploads and passwords of the demonstration are for this user alone
        self.host, self.port, self.workers = options["host"], options["port"], options["workers"]
        self.children: list[Child] = []
        self.is_ending = self.is_up = False
        try:
            settings.VAR.mkdir(parents=True, exist_ok=True)
            with (settings.VAR / "serve.lock").open("w") as lock:
                self.be_the_only_one(lock.fileno())
                self.record.end_all()  # what a killed `serve` left behind
                self.check_port()
                self.listen_to_signals()
                try:
                    self.prepare()
                    self.begin()
                    self.supervise()
                except KeyboardInterrupt:
                    pass
                finally:
                    self.end()
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
        except PermissionError as error:
            raise CommandError(
                f"{error.filename or settings.VAR}: {error.strerror}. Choose another folder with VAR."
            ) from error

    # --- Before ---------------------------------------------------------------------------------

    def be_the_only_one(self, lock: int) -> None:
        self.record = processes.Record(settings.VAR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                f"The site already runs from {settings.VAR}: {self.record.address or 'it is just starting'}\n"
                "End it with `make stop`, or start another beside it: make run VAR=var2 PORT=8001"
            ) from None

    def check_port(self) -> None:
        """Refuse a port that is taken: the server would share it with another server without a word."""
        if not 0 < self.port < 65536:
            raise CommandError(f"A port is a number from 1 to 65535, such as 8000, and not {self.port}.")
        try:
            family, kind, _, _, address = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except OSError as error:
            raise CommandError(
                f"Port {self.port} of {self.host} can't be used: {error.strerror}.\n"
                "If another program has it, choose another: make run PORT=8001"
            ) from error

    def listen_to_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # `nohup` asks to be spared the hang-up.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self.interrupt)

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        self.is_ending = True
        if not self.is_up:
            raise KeyboardInterrupt  # out of the middle of a migration, say; the database rolls back

    def prepare(self) -> None:
        """The database, its tables, static files and the demonstration."""
        if settings.IS_EMBEDDED:
            self.say("Starting the database …")
            embedded.ensure(settings.VAR)
        self.say("Bringing the database up to date …")
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        self.say("Collecting static files …")
        call_command("collectstatic", interactive=False, verbosity=0, skip_checks=True)
        if settings.IS_EMBEDDED:
            self.say("Loading the demonstration …")
            try:
                call_command("demo", skip_checks=True)
            except CommandError as problem:
                # It says why it can't, such as beside somebody's own pieces. That is no reason to have no site.
                self.say(f"{problem}\nThe site is served as it is.")
        # The server and the worker have connections of their own, and threads don't go with a fork.
        for connection in connections.all(initialized_only=True):
            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one

    # --- The processes --------------------------------------------------------------------------

    def begin(self) -> None:
        self.record.address = self.address
        self.record.add("serve", os.getpid())
        manage = str(settings.BASE_DIR / "manage.py")
        serve = [sys.executable, "-m", "forum.server"]
        serve += ["--host", self.host, "--port", str(self.port), "--workers", str(self.workers)]
        # No more threads than there are connections in the pool of a process, or than cores can use.
        pool = settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]
        serve += ["--blocking-threads", str(min(pool, 2 * (os.cpu_count() or 1)))]
        serve += [
            "--respawn-failed-workers",
            "--respawn-interval",
            "1",
            "--workers-kill-timeout",
            "8",
            "--log-level",
            "warning",
        ]
        self.children = [
            Child("worker", [sys.executable, manage, "procrastinate", "worker"]),
            Child("server", serve),
        ]
        self.say("Starting the worker and the server …")
        for child in self.children:
            self.start(child)
        self.wait_until_ready()
        self.is_up = True
        self.announce()

    def start(self, child: Child) -> None:
        environment = os.environ | {"VAR": str(settings.VAR), "PORT": str(self.port)}
        child.process = processes.start(child.command, environment, settings.BASE_DIR)
        child.started = time.monotonic()
        self.record.add(child.name, child.process.pid)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self.answers():
            if gone := next((child for child in self.children if child.has_ended()), None):
                raise CommandError(f"The {gone.name} did not start; what it said is above.")
            if time.monotonic() > deadline:
                raise CommandError(
                    f"The server does not answer at {self.address}healthz after {READY_SECONDS} seconds."
                )
            time.sleep(0.1)

    def answers(self) -> bool:
        """Whether the server answers at all: with a proxy's settings it may answer us with a redirect."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "") else "[::1]" if self.host == "::" else self.host  # noqa: S104  compared
        request = urllib.request.Request(f"http://{host}:{self.port}/healthz", headers={"Host": self.host_header})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
        try:
            with opener.open(request, timeout=5):
                return True
        except urllib.error.HTTPError as error:
            return error.code < 500
        except OSError:
            return False

    def supervise(self) -> None:
        """Start again what dies, until we are asked to end."""
        while not self.is_ending:
            now = time.monotonic()
            for child in self.children:
                if child.process is not None and child.has_ended():
                    self.plan_restart(child, now)
                elif child.process is None and now >= child.due:
                    self.start(child)
            if settings.IS_EMBEDDED and not embedded.is_running(settings.VAR):
                self.stderr.write("The database ended unexpectedly; it is started again.")
                embedded.ensure(settings.VAR)
            time.sleep(0.25)

    def plan_restart(self, child: Child, now: float) -> None:
        assert child.process is not None
        processes.end_group(child.process.pid)
        child.failures = 1 if now - child.started > GOOD_SECONDS else child.failures + 1
        wait = RESTART_AFTER[min(child.failures, len(RESTART_AFTER)) - 1]
        self.stderr.write(
            f"The {child.name} ended unexpectedly (exit code {child.process.returncode}); it is started again in {wait:g} s."
        )
        child.process, child.due = None, now + wait

    def end(self) -> None:
        """End what was started, in order; the database last."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # this takes a few seconds at most
        running = [child for child in self.children if child.process is not None]
        if running:
            self.say("\nStopping …")
        for child in running:
            if child.process is not None and not child.has_ended():
                child.process.terminate()  # both at once, so that their time to end is shared
        for child in running:
            if child.process is not None:
                processes.end(child.process.pid, child.has_ended)
                child.process.wait()
        self.record.path.unlink(missing_ok=True)
        if settings.IS_EMBEDDED:
            for connection in connections.all(initialized_only=True):
                connection.close()
                connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one
            embedded.release(settings.VAR)

    # --- What is said ---------------------------------------------------------------------------

    @property
    def host_header(self) -> str:
        allowed = [host for host in settings.ALLOWED_HOSTS if "*" not in host]
        return allowed[0].lstrip(".") if allowed else f"localhost:{self.port}"

    @property
    def address(self) -> str:
        name = "localhost" if self.host in ("127.0.0.1", "::1", "0.0.0.0", "::", "localhost") else self.host  # noqa: S104  compared
        return f"http://{name}:{self.port}/"

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def announce(self) -> None:
        lines = ["", f"Forum runs at {self.address}"]
        if accounts := self.demo_accounts():
            lines += ["", f"Sign in at {self.address}accounts/login/ with:", ""]
            columns = ("role", "email", "password", "note")
            widths = {column: max(len(account[column]) for account in accounts) for column in columns}
            lines += ["  " + "   ".join(account[c].ljust(widths[c]) for c in columns).rstrip() for account in accounts]
        if settings.IS_EMBEDDED:
            lines += ["", f"Mail is not sent: each message becomes a file in {_short(settings.VAR / 'mail')}"]
        self.say("\n".join([*lines, "Ctrl-C ends it all.", ""]))

    def demo_accounts(self) -> list[dict[str, str]]:
        """Who can sign in to the demonstration, as the `demo` command left it."""
        try:
            saved = json.loads((settings.VAR / "demo_accounts.json").read_text())
        except FileNotFoundError:
            return []
        return [
            {key: str(account.get(key) or "") for key in ("role", "email", "password", "note")} for account in saved
        ]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
