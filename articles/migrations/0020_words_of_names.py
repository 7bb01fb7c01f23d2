"""Words of names, as suggestions find them (`articles.suggest` has the same expressions). The tables are small beside that of pieces:
thirty thousand authors are a second."""

from django.db import migrations

_PLAIN = "replace(slug, '-', ' ')"
WORDS = {
    "articles_tag": f"lower(name) || ' ' || {_PLAIN}",
    "articles_series": f"lower(title) || ' ' || {_PLAIN}",
    "articles_region": f"lower(name) || ' ' || {_PLAIN}",
    "authors_author": "name_key || ' ' || lower(native_name || ' ' || other_names)",
}


class Migration(migrations.Migration):
    dependencies = [("articles", "0019_newest_of_series"), ("authors", "0005_author_in_order")]

    operations = [
        migrations.RunSQL(
            f"CREATE INDEX {table}_words ON {table} USING gin (to_tsvector('simple', {words})) WITH (fastupdate = off)",
            f"DROP INDEX {table}_words",
        )
        for table, words in WORDS.items()
    ]
