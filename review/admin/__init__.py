"""The desk's pages of peer review. A file for each idea."""

from review.admin import decide, expecting, form, invite, numbers, panel, referees, rounds, send

__all__ = ["decide", "expecting", "form", "invite", "numbers", "panel", "referees", "rounds", "send"]
