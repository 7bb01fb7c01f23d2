"""Since when a feed has had what it has, for readers that ask by date alone (`If-Modified-Since`).

Nothing of the pieces tells it: a name is mended, a piece is taken down or moved to another region, and no moment moves
on. So each address keeps what it last had, and when that was new. A moment is never given twice for different contents,
and never goes back, though contents may.
"""

import datetime
import hashlib

from django.db import connection

from articles.models import FeedState
from forum.compiled import Compiled

_STATE: Compiled[FeedState] = Compiled(lambda path: FeedState.objects.filter(path=path), path=str)
_KEEP = """
    INSERT INTO articles_feedstate (path, digest, since) VALUES (%s, %s, %s)
    ON CONFLICT (path) DO UPDATE SET
        digest = EXCLUDED.digest,
        since = GREATEST(EXCLUDED.since, articles_feedstate.since + interval '1 second')
    WHERE articles_feedstate.digest <> EXCLUDED.digest
    RETURNING since
"""


def since(path: str, content: bytes, now: datetime.datetime) -> datetime.datetime:
    """The moment, in whole seconds. It may lie a second ahead where a feed changes twice within one: don't tell it then."""
    digest = hashlib.blake2b(content, digest_size=16).hexdigest()
    state = _STATE.first(path=path)
    if state is not None and state.digest == digest:
        return state.since
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [path, digest, now.replace(microsecond=0)])
        row = cursor.fetchone()
    # Nothing where another process kept the same meanwhile.
    found: datetime.datetime = row[0] if row else FeedState.objects.get(path=path).since
    return found
