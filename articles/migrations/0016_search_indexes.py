from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("articles", "0015_search_periods")]

    operations = [
        AddIndexConcurrently(
            "searchentry",
            models.Index(
                F("published_at").desc(), F("article").desc(), condition=Q(public__isnull=False), name="search_by_date"
            ),
        ),
        AddIndexConcurrently(
            "searchentry", GinIndex(fields=["public", "periods"], name="search_public_periods", fastupdate=False)
        ),
        AddIndexConcurrently("searchentry", GinIndex(fields=["desk"], name="search_desk", fastupdate=False)),
    ]
