"""Topics get a key that they are put in order by, as authors have one: letters with and without accents share a place."""

from typing import Any

from django.db import migrations, models
from django.db.models.functions import Collate

from prose.slugs import fold


def fill(apps: Any, schema_editor: Any) -> None:
    """Topics are few, a few thousand beside a million pieces."""
    model = apps.get_model("articles", "Tag")
    tags = list(model.objects.only("pk", "name"))
    for tag in tags:
        tag.sort_key = fold(tag.name)[:200]
    model.objects.bulk_update(tags, ["sort_key"], batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [("articles", "0017_series_order")]

    operations = [
        migrations.AddField(
            model_name="tag",
            name="sort_key",
            field=models.CharField(db_default="", default="", editable=False, max_length=200),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        # Rows that this transaction changed would else stand in the way of the index.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AddIndex("tag", models.Index(Collate("sort_key", "C"), "id", name="tag_in_order")),
    ]
