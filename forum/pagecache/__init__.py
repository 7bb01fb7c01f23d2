"""The page cache: what readers get is kept as ready bytes in front of Django, and goes the moment it is not true any more.

A page notes what it shows while it is rendered (`shown`). Triggers in the database tell of each change, in the transaction
that makes it, whoever makes it; a `listener` in each process hears of it and moves the generations that all processes
of a machine share (`generations`). An entry holds while nothing that it shows has moved since before it was rendered, so
that a page whose rendering races an edit is never served. Whoever changed something is answered only after this
machine has heard of it (`front`). While nobody listens, nothing is served from here.
"""

from forum.pagecache.shown import covered, mark_page, shows, until

__all__ = ["covered", "mark_page", "shows", "until"]
