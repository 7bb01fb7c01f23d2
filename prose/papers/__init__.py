"""A file that a referee or an author attaches: checked, and rid of what tells who made it.

`strip` gives the file anew, without metadata, and says what there was, for the identity check. Its words are given too:
names that stand in them stay, and `prose.traces` finds them. Files are read in a process with limits.
"""

from prose.papers.given import KINDS, MAX_BYTES, MEDIA_TYPES, Refused, Stripped, neutral_name
from prose.papers.process import strip

__all__ = ["KINDS", "MAX_BYTES", "MEDIA_TYPES", "Refused", "Stripped", "neutral_name", "strip"]
