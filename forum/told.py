"""By what changes of this room's tables are told to pages (`forum.pagecache`); the triggers are in migration 0007."""

from forum.models import Masthead, NavigationItem, Page
from forum.pagecache.listener import expect
from forum.pagecache.shown import watch

# The masthead and its navigation stand on every page, which has the tag of that anyway.
watch({model._meta.db_table: "" for model in (Masthead, NavigationItem, Page)})

# The next midnight of the publication: what is new, and the year at the foot.
expect("""
    SELECT (date_trunc('day', %(now)s::timestamptz AT TIME ZONE time_zone) + interval '1 day') AT TIME ZONE time_zone
    FROM forum_masthead
""")
