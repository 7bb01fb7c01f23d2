"""The picture that stands beside a shared link: title, names, publication and, where its licence lets it travel, the picture
at the head of the piece.

`fonts` finds letters for any script, `typesetting` breaks and draws lines, `drawing` lays out a card, `cards` keeps them in
step with what readers have. Drawn by the worker, never while somebody waits for a page.
"""
