"""The texts that a plain page had stay."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION forum_refuse_change_of_page_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'version % of a page can''t be changed', OLD.id USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER page_version_append_only BEFORE UPDATE ON forum_pageversion
  FOR EACH ROW EXECUTE FUNCTION forum_refuse_change_of_page_version();
"""
BACKWARD = """
DROP TRIGGER page_version_append_only ON forum_pageversion;
DROP FUNCTION forum_refuse_change_of_page_version();
"""


class Migration(migrations.Migration):
    dependencies = [("forum", "0003_furnishing")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
