"""By what changes of what readers read are told to pages (`forum.pagecache`); the triggers are in migration 0012.

A change of a piece that readers have or had is told as `article:<id>` and as `pieces`; its place in a list as
`region:<id>`, `topic:<id>`, `author:<id>` or `series:<id>`. What belongs to a piece (bylines, publications, pictures and so
on) is told as a change of the piece. An author's own lines are told as changes of their pieces, and as `people`.
"""

from articles import models
from authors.models import Author, AuthorFormerSlug
from forum.pagecache.listener import expect
from forum.pagecache.shown import watch

PIECES, PEOPLE, WORDS, MONTHS, PICKS = "pieces", "people", "words", "months", "picks"

_TAGS = {
    PIECES: (
        models.Article, models.RegionListing, models.TagListing, models.AuthorListing, models.SeriesListing, models.SearchEntry,
    ),
    PEOPLE: (Author,),
    WORDS: (models.SearchWord,),
    MONTHS: (models.ChangedMonth,),
    PICKS: (models.FrontPick,),
    # Rows that belong to a piece, which the page notes when it reads it; and furniture, which is on every page.
    "": (
        models.Revision, models.Rendering, models.Publication, models.Byline, models.ImageUse, models.Image, models.TaggedArticle,
        models.Article.regions.through, models.SealedText, models.ShareCard, models.FormerAddress, models.Portrait, models.SeriesEditor,
        models.Region, models.Tag, models.Series, models.RegionFormerSlug, models.TagFormerSlug, models.SeriesFormerSlug, AuthorFormerSlug,
        # Written by the feed itself; and what follows the lists, whose own changes are told.
        models.FeedState, models.ListCount,
    ),
}  # fmt: skip

watch({model._meta.db_table: tag for tag, several in _TAGS.items() for model in several})

# The next scheduled piece, and the next change of what is picked for the front page.
expect("SELECT min(published_at) FROM articles_article WHERE live_id IS NOT NULL AND published_at > %(now)s")
expect("""
    SELECT min(moment) FROM articles_frontpick, LATERAL (VALUES (starts_at), (ends_at)) AS at (moment)
    WHERE moment > %(now)s
""")
