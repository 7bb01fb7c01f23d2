"""The order of names, in which the list of authors is read page by page."""

from django.db import migrations, models
from django.db.models.functions import Collate


class Migration(migrations.Migration):
    dependencies = [("authors", "0004_native_name")]

    operations = [
        migrations.AddIndex("author", models.Index(Collate("sort_key", "C"), "id", name="author_in_order")),
    ]
