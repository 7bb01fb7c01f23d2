"""An index by which the special features with the newest pieces are found, however many there are."""

from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    dependencies = [("articles", "0018_topics_in_order")]

    operations = [
        migrations.AddIndex(
            "serieslisting",
            models.Index(
                F("published_at").desc(), F("article").desc(), include=["target"], name="serieslisting_newest"
            ),
        ),
    ]
