"""What the search has of generated pieces: their vectors, as `articles.search.reindex` makes them, and words for help with spelling."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.backends.utils import CursorWrapper

from articles import search
from articles.models import SearchEntry
from articles.spelling import can_be_wrong, keys_of
from articles.telling import TELLING
from demo.generated.pieces import Piece
from demo.generated.rows import Rows


def leave_to_worker(cursor: CursorWrapper, ids: Iterable[int]) -> None:
    """Rows of an older version, which the worker makes anew."""
    rows = Rows(SearchEntry)
    for pk in ids:
        rows.add(article_id=pk)
    rows.write(cursor)


def index(cursor: CursorWrapper, ids: Sequence[int], pieces: Sequence[Piece]) -> None:
    """One statement for all of them."""
    cursor.execute(
        "CREATE TEMPORARY TABLE IF NOT EXISTS generated_texts (id bigint, is_listed boolean, names text, title text, in_brief text, body text)"
        " ON COMMIT DELETE ROWS"
    )
    cursor.execute("TRUNCATE generated_texts")
    with cursor.copy("COPY generated_texts FROM STDIN") as copy:
        for pk, piece in zip(ids, pieces, strict=True):
            text = piece.correction[2] if piece.correction else piece.text
            copy.write_row([pk, piece.retraction is None, _names(piece), *text.indexed])
    # English, nobody with a name that is not shown, nothing pending: both vectors are the same.
    vector = search.vector_sql({name: name for name in search.PARTS}, "names", "''", is_english=True)
    telling = TELLING % {"names": "made.names", "unseen_weight": f"'{search.UNSEEN}'"}
    period = f"floor(extract(epoch FROM article.published_at) / {search.PERIOD * 86_400})::int"
    cursor.execute(
        f"""INSERT INTO articles_searchentry (article_id, public, desk, telling, published_at, periods, version, is_learned)
            SELECT made.id, public, vector, {telling}, CASE WHEN is_listed THEN article.published_at END,
              CASE WHEN is_listed THEN ARRAY[{period}] END, {search.VERSION}, is_listed
            FROM (
              SELECT id, names, is_listed, vector, CASE WHEN is_listed THEN vector END AS public
              FROM (SELECT id, names, is_listed, {vector} AS vector FROM generated_texts OFFSET 0) AS whole
            ) AS made JOIN articles_article AS article ON article.id = made.id"""  # noqa: S608  made of constants
    )


def _names(piece: Piece) -> str:
    """In the order in which the search reads them, since it keeps where a word stands."""
    regions = sorted(piece.regions, key=lambda region: (region.position, region.name))
    found: list[str] = []
    for author in piece.authors:
        found += [author.name, author.name, ""]
    found += [region.name for region in regions]
    found += [region.parent.name for region in regions if region.parent]
    found += sorted(name for _tag, name in piece.topics)
    return search.indexed(" \n".join(found))


class Words:
    """Words for help with spelling, of which the worker would take hours; each is written once by each process."""

    def __init__(self) -> None:
        self.learned: set[str] = set()

    def learn(self, cursor: CursorWrapper, found: set[str]) -> None:
        """In a transaction of its own: two processes that find the same words then wait for each other no longer than that,
        and, all in the order of the alphabet, never in a circle. A word that no piece has yet is never named.
        """
        new = sorted(word for word in found - self.learned if can_be_wrong(word))
        self.learned |= found
        with transaction.atomic():
            cursor.execute(
                "CREATE TEMPORARY TABLE IF NOT EXISTS generated_words (word text, shown text, keys text[]) ON COMMIT DELETE ROWS"
            )
            with cursor.copy("COPY generated_words FROM STDIN") as copy:
                for one in new:
                    copy.write_row((one, one, keys_of(one)))
            cursor.execute(
                "INSERT INTO articles_searchword (word, shown, keys) SELECT word, shown, keys FROM generated_words ON CONFLICT DO NOTHING"
            )
