"""What was changed by whom stays as it was written."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER change_append_only BEFORE UPDATE OR DELETE ON editorial_change
  FOR EACH ROW EXECUTE FUNCTION forum_refuse_change();
"""
BACKWARD = "DROP TRIGGER change_append_only ON editorial_change;"


class Migration(migrations.Migration):
    dependencies = [("editorial", "0003_furnishing")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
