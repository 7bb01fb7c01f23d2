"""The public vector stays in its row, where it fits: whoever looks at very many of them, for a phrase or to rank them, looks up each in
the table beside it no longer, which took four times as long.

At once, at any size: a row changes when it is next written. `VACUUM FULL articles_searchentry` in a quiet hour does it for all.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("articles", "0020_words_of_names")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE articles_searchentry ALTER COLUMN public SET STORAGE MAIN",
            "ALTER TABLE articles_searchentry ALTER COLUMN public SET STORAGE EXTENDED",
        ),
    ]
