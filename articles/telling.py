"""The words that tell the most of a piece: often said, or in its title or In Brief, and rare elsewhere.

They are chosen when its public vector is made, so that nothing of it is done while somebody waits for a page. How common
a word is stands in `WordShare`, taken once a day from what the database knows of its own text.
"""

from typing import Final

from django.db import connection

from articles.models import WordShare

MOST: Final = 20
# What is not known is rarer than what is.
RARE: Final = 0.001

# SQL over a column `public` and the parameters `names` (of people, regions and topics: they are what lists are there for)
# and `unseen_weight` (of words that no reader sees). The words of names are a query of their own, so that they are taken
# apart once for a piece and not once for each of its words.
_WORDS = f"""
  SELECT lexeme FROM unnest(public) LEFT JOIN articles_wordshare AS known ON known.word = lexeme
  WHERE length(lexeme) > 2 AND lexeme !~ '^[0-9.,]+$' AND %(unseen_weight)s <> ALL(weights)
    AND (cardinality(positions) > 1 OR weights && '{{A,B}}')
    AND lexeme <> ALL((SELECT tsvector_to_array(to_tsvector('simple', %(names)s) || to_tsvector('english', %(names)s)))::text[])
  ORDER BY (1 + ln(cardinality(positions))) * (CASE WHEN 'A' = ANY(weights) THEN 3 WHEN 'B' = ANY(weights) THEN 2 ELSE 1 END)
    * -ln(coalesce(share, {RARE})) DESC, lexeme
  LIMIT {MOST}
"""  # noqa: S608  made of constants
# SQL: a query for any of them, as text; empty where there are none.
TELLING: Final = f"""
  coalesce((SELECT string_agg('''' || replace(replace(lexeme, '\\', '\\\\'), '''', '''''') || '''', ' | ') FROM ({_WORDS}) AS word), '')
"""  # noqa: S608  made of constants

_SHARES = """
  SELECT word, share FROM pg_stats, unnest(most_common_elems::text::text[], most_common_elem_freqs) AS common (word, share)
  WHERE schemaname = current_schema() AND tablename = 'articles_searchentry' AND attname = 'public'
"""


def is_known() -> bool:
    """Whether it is known how common words are. A new site has to grow first."""
    return WordShare.objects.exists()


def keep_shares() -> int:
    """Take anew how common words are; returns of how many that is known. For the worker, once a day."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT ON (word) word, share FROM ({_SHARES}) AS known ORDER BY word, share DESC")  # noqa: S608  a constant
        rows = cursor.fetchall()
    if not rows:
        return 0
    WordShare.objects.exclude(word__in=[word for word, _ in rows]).delete()
    WordShare.objects.bulk_create(
        [WordShare(word=word, share=share) for word, share in rows],
        update_conflicts=True, unique_fields=["word"], update_fields=["share"], batch_size=5000,
    )  # fmt: skip
    return len(rows)
