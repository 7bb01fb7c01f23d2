"""Static files are answered before Django is asked, and nothing else is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forum import statics
from tests.kept import Got, call, environ_of

STYLE = b"body { color: black }\n" * 100


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """Collected as at a release."""
    settings.STATIC_ROOT = tmp_path / "static"
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = False
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}  # fmt: skip
    (source := tmp_path / "source").mkdir()
    (source / "style.css").write_bytes(STYLE)
    (source / "mark.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (tmp_path / "secret.txt").write_text("secret")
    settings.STATICFILES_DIRS = [source]
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0, ignore=["admin", "django_prose_editor"])
    statics.index.cache_clear()
    yield settings.STATIC_ROOT
    statics.index.cache_clear()


def ask(address: str, method: str = "GET", **headers: str) -> Got:
    def django(environ: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [("X-Asked", "django")])
        return [b"django"]

    return call(statics.Statics(django), environ_of(address, method, **headers))


def hashed(folder: Path) -> str:
    (found,) = [path.name for path in folder.glob("style.*.css")]
    return f"/static/{found}"


def test_a_name_that_tells_of_its_bytes_is_kept_for_ever(folder: Path) -> None:
    got = ask(hashed(folder))
    assert (got.status, got.body) == (200, STYLE)
    assert "immutable" in got.headers["Cache-Control"]
    assert "public" in got.headers["Cache-Control"]
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" not in ask("/static/style.css").headers["Cache-Control"]
    assert ask("/static/mark.svg").headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_it_goes_out_packed_in_part_or_not_at_all(folder: Path) -> None:
    address = hashed(folder)
    packed = ask(address, Accept_Encoding="gzip, br")
    assert packed.headers["Content-Encoding"] == "br"
    assert len(packed.body) == int(packed.headers["Content-Length"]) < len(STYLE)
    assert ask(address, If_None_Match=packed.headers["Etag"]).status == 304
    head = ask(address, "HEAD")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(STYLE)))
    part = ask(address, Range="bytes=0-3")
    assert (part.status, part.body) == (206, STYLE[:4])
    assert ask(address, "POST").status == 405


def one_process() -> statics.Statics:
    return statics.Statics(lambda environ, start: [start("404 Not Found", []) or b""])


def test_what_never_changes_is_read_once(folder: Path) -> None:
    application, address = one_process(), hashed(folder)
    for encoding in ("br", "gzip", ""):
        first = call(application, environ_of(address, Accept_Encoding=encoding))
        for file in folder.glob("style.*.css*"):
            file.rename(file.with_suffix(f"{file.suffix}.gone"))
        again = call(application, environ_of(address, Accept_Encoding=encoding))
        assert (again.status, again.body, again.headers) == (200, first.body, first.headers)
        for file in folder.glob("*.gone"):
            file.rename(file.with_suffix(""))


def test_what_may_be_another_is_read_each_time(folder: Path) -> None:
    application = one_process()
    assert call(application, environ_of("/static/style.css")).body == STYLE
    (folder / "style.css").write_bytes(STYLE[::-1])
    assert call(application, environ_of("/static/style.css")).body == STYLE[::-1]


@pytest.mark.parametrize("bound", ["LARGEST", "MEMORY"])
def test_what_is_too_much_to_keep_is_answered_all_the_same(
    folder: Path, bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statics, bound, len(STYLE) - 1)
    application = one_process()
    assert call(application, environ_of(hashed(folder))).body == STYLE
    (folder / hashed(folder).rpartition("/")[2]).write_bytes(STYLE[::-1])
    assert call(application, environ_of(hashed(folder))).body == STYLE[::-1]


@pytest.mark.parametrize("path", [
    "../secret.txt", "%2e%2e/secret.txt", "..\\secret.txt", "//etc/passwd", "style.css/", "style.css%00", "", "none.css", "\udcff", "é",
])  # fmt: skip
def test_anything_else_is_django_s(folder: Path, path: str) -> None:
    environ = environ_of("/static/")
    environ["PATH_INFO"] = f"/static/{path}".encode("utf-8", "surrogateescape").decode("latin-1")
    said: list[Any] = []
    statics.Statics(lambda environ, start: [start("200 OK", [("X-Asked", "django")]) or b"django"])(
        environ, lambda *a: said.append(a)
    )
    assert said == [("200 OK", [("X-Asked", "django")])]
    assert ask("/").headers["X-Asked"] == "django"
