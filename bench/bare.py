"""Bytes and nothing else, as WSGI: what any page on the same server can at best be as fast as.

`BARE` names a file with `{address: [status, [[header, value], …], body in base64]}`.
"""

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

_KEPT = json.loads(Path(os.environ["BARE"]).read_text("utf-8"))
PAGES = {
    path: (status, [(name, value) for name, value in headers], base64.b64decode(body))
    for path, (status, headers, body) in _KEPT.items()
}


def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    query = environ["QUERY_STRING"]
    status, headers, body = PAGES[f"{environ['PATH_INFO']}?{query}" if query else environ["PATH_INFO"]]
    start(status, headers)
    return [body]
