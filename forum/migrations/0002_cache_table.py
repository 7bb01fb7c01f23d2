"""The table in which all processes count sign-ins together (`CACHES` in the settings)."""

from django.core.management import call_command
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TABLE = "forum_cache"


def create(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # By its name, so that the table is there whatever cache the settings of this moment name.
    call_command("createcachetable", TABLE, database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("forum", "0001_initial")]

    operations = [
        migrations.RunPython(create, lambda apps, schema_editor: schema_editor.execute(f"DROP TABLE IF EXISTS {TABLE}"))
    ]
