"""The roles of a publication, each a Django group of the same name. What a role may do is said in `editorial.roles`."""

AUTHOR = "Author"
REFEREE = "Referee"
COPY_EDITOR = "Copy editor"
EDITOR = "Editor"
MANAGING_EDITOR = "Managing editor"
ADMINISTRATOR = "Administrator"

ALL = (AUTHOR, REFEREE, COPY_EDITOR, EDITOR, MANAGING_EDITOR, ADMINISTRATOR)

# Those who sign in to the desk.
DESK = frozenset({COPY_EDITOR, EDITOR, MANAGING_EDITOR, ADMINISTRATOR})
# Those who decide about pieces. An administrator keeps accounts and settings and decides nothing by that role alone.
DECIDING = frozenset({EDITOR, MANAGING_EDITOR})
