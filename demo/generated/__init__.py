"""Any number of invented pieces, for measuring and for trying what a large publication is like: `manage.py generate_articles`.

The same seed makes the same pieces. `words` makes the language, `cast` who and what pieces stand under, `pieces` one piece after
the other, `batch` and `vectors` their rows in every table, `writing` writes them by COPY, `workers` on every core at once, and
`load` sees to it that there are as many as are wanted.
"""
