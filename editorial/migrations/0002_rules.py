"""Events are append-only, and an approval names a revision of its own piece."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON editorial_event
  FOR EACH ROW EXECUTE FUNCTION forum_refuse_change();
ALTER TABLE editorial_event ADD CONSTRAINT event_revision_is_its_own FOREIGN KEY (article_id, revision_id)
  REFERENCES articles_revision (article_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE editorial_approval ADD CONSTRAINT approval_revision_is_its_own FOREIGN KEY (article_id, revision_id)
  REFERENCES articles_revision (article_id, id) DEFERRABLE INITIALLY DEFERRED;
"""

BACKWARD = """
ALTER TABLE editorial_approval DROP CONSTRAINT approval_revision_is_its_own;
ALTER TABLE editorial_event DROP CONSTRAINT event_revision_is_its_own;
DROP TRIGGER event_append_only ON editorial_event;
"""


class Migration(migrations.Migration):
    dependencies = [("editorial", "0001_initial"), ("articles", "0002_rules")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
