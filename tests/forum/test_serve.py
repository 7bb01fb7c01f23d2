"""What `serve` prepares."""

from io import StringIO
from typing import Any

import pytest
from django.core.management.base import CommandError

from forum.management.commands import serve


def test_a_site_that_can_have_no_demonstration_is_served_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who loaded their own pieces into the embedded database, say."""
    called = []

    def call_command(name: str, **options: Any) -> None:
        called.append(name)
        if name == "demo":
            raise CommandError("This site has 300 pieces of its own.")

    monkeypatch.setattr(serve, "call_command", call_command)
    monkeypatch.setattr(serve.embedded, "ensure", lambda folder: None)
    monkeypatch.setattr(serve.connections, "all", lambda **options: [])
    monkeypatch.setattr(serve.settings, "IS_EMBEDDED", True)
    said = StringIO()
    serve.Command(stdout=said).prepare()
    assert called == ["migrate", "collectstatic", "demo"]
    assert "300 pieces of its own" in said.getvalue()
    assert "served as it is" in said.getvalue()
