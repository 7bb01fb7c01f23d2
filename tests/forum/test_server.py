"""What the parent of the server's processes has loaded may go with a fork."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

LOADS = """
import threading
from forum.server import load
load()
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper
print("threads", threading.active_count(), "pools", len(DatabaseWrapper._connection_pools), "open", sum(one.connection is not None for one in connections.all()))
"""


@pytest.mark.parametrize("has_database", [True, False])
def test_neither_threads_nor_connections_go_with_a_fork(has_database: bool) -> None:
    """Nor does it matter what the database says: one without tables, as before the first migration, or none at all."""
    environment = os.environ | {"VAR": str(settings.VAR), "DJANGO_SETTINGS_MODULE": "forum.settings"}
    if not has_database:
        environment |= {
            "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
            "SECRET_KEY": "x" * 50,
            "SITE_URL": "http://localhost",
        }
    run = subprocess.run(
        [sys.executable, "-c", LOADS],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["threads", "1", "pools", "0", "open", "0"]
