"""Any number of invented pieces, for measuring and for trying what a large publication is like: `manage.py generate_articles`.

The same seed makes the same pieces. `words` makes the language, `cast` who and what pieces stand under, `pieces` one piece after
the other, and `load` writes them by COPY, with all that their pages, lists and history need.
"""
