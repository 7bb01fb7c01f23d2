from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("articles", "0016_search_indexes")]

    operations = [
        AddIndexConcurrently(
            "serieslisting",
            models.Index(fields=["target", "position", "published_at", "article"], name="serieslisting_in_order"),
        ),
    ]
