"""What happened stays: events and letters are append-only, an answer once given is only ever made void."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON editorial_event
  FOR EACH ROW EXECUTE FUNCTION forum_refuse_change();
CREATE TRIGGER letter_append_only BEFORE UPDATE OR DELETE ON editorial_letter
  FOR EACH ROW EXECUTE FUNCTION forum_refuse_change();

CREATE FUNCTION forum_refuse_deletion_of_handling() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the handling of piece % stays', OLD.article_id USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER handling_stays BEFORE DELETE ON editorial_handling
  FOR EACH ROW EXECUTE FUNCTION forum_refuse_deletion_of_handling();

CREATE FUNCTION forum_refuse_change_of_answer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.article_id <> NEW.article_id OR OLD.revision_id <> NEW.revision_id
     OR OLD.by_id IS DISTINCT FROM NEW.by_id OR (OLD.state <> 'asked' AND NEW.state <> 'void') THEN
    RAISE EXCEPTION 'approval % was answered', OLD.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER approval_answer_stays BEFORE UPDATE OR DELETE ON editorial_approval
  FOR EACH ROW EXECUTE FUNCTION forum_refuse_change_of_answer();

ALTER TABLE editorial_event ADD CONSTRAINT event_revision_is_its_own FOREIGN KEY (article_id, revision_id)
  REFERENCES articles_revision (article_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE editorial_approval ADD CONSTRAINT approval_revision_is_its_own FOREIGN KEY (article_id, revision_id)
  REFERENCES articles_revision (article_id, id) DEFERRABLE INITIALLY DEFERRED;
"""

BACKWARD = """
ALTER TABLE editorial_approval DROP CONSTRAINT approval_revision_is_its_own;
ALTER TABLE editorial_event DROP CONSTRAINT event_revision_is_its_own;
DROP TRIGGER approval_answer_stays ON editorial_approval;
DROP TRIGGER handling_stays ON editorial_handling;
DROP TRIGGER letter_append_only ON editorial_letter;
DROP TRIGGER event_append_only ON editorial_event;
DROP FUNCTION forum_refuse_change_of_answer(), forum_refuse_deletion_of_handling();
"""


class Migration(migrations.Migration):
    dependencies = [("editorial", "0001_initial"), ("articles", "0002_rules")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
