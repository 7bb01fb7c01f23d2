import django.contrib.postgres.fields
from django.db import migrations, models

# Without this an archive would not be found until the worker has made all its vectors anew.
FILL = """
UPDATE articles_searchentry AS entry
SET published_at = article.published_at,
  periods = ARRAY[floor(extract(epoch FROM article.published_at) / (30 * 86400))::int]
FROM articles_article AS article WHERE article.id = entry.article_id AND entry.public IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("articles", "0014_list_counts")]

    operations = [
        migrations.AddField(model_name="searchentry", name="published_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="searchentry",
            name="periods",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), null=True, size=None),
        ),
        # A row that is written anew would be put into the indexes of words again, word by word: an hour for a million
        # pieces. They are made again at once in the next migration.
        migrations.RemoveIndex("searchentry", "search_public"),
        migrations.RemoveIndex("searchentry", "search_desk"),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
