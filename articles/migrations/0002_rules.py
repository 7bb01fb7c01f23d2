"""The rules of history that no column can say: append-only rows, and pointers held to the piece's own revisions."""

from django.db import migrations

FORWARD = """
-- A pointer names a revision of its own article. Deferred: article and first revision name each other.
ALTER TABLE articles_article
  ADD CONSTRAINT article_latest_is_its_own FOREIGN KEY (id, latest_id)
    REFERENCES articles_revision (article_id, id) DEFERRABLE INITIALLY DEFERRED,
  ADD CONSTRAINT article_live_is_its_own FOREIGN KEY (id, live_id)
    REFERENCES articles_revision (article_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE articles_publication
  ADD CONSTRAINT publication_revision_is_its_own FOREIGN KEY (article_id, revision_id)
    REFERENCES articles_revision (article_id, id) DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION forum_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: row % can''t be changed', TG_TABLE_NAME, OLD.id
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER revision_append_only BEFORE UPDATE ON articles_revision
  FOR EACH ROW EXECUTE FUNCTION forum_refuse_change();

CREATE FUNCTION forum_refuse_deletion_of_public_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM articles_publication p WHERE p.revision_id = OLD.id AND p.at <= clock_timestamp()) THEN
    RAISE EXCEPTION 'revision % was public and stays', OLD.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN OLD;
END $$;

CREATE TRIGGER revision_public_stays BEFORE DELETE ON articles_revision
  FOR EACH ROW EXECUTE FUNCTION forum_refuse_deletion_of_public_text();

-- A publication is the public record. One that is still ahead may be taken back or replaced; a past one stays.
CREATE TRIGGER publication_append_only BEFORE UPDATE ON articles_publication
  FOR EACH ROW EXECUTE FUNCTION forum_refuse_change();

CREATE FUNCTION forum_refuse_deletion_of_publication() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.at <= clock_timestamp() THEN
    RAISE EXCEPTION 'publication % is public history and stays', OLD.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN OLD;
END $$;

CREATE TRIGGER publication_past_stays BEFORE DELETE ON articles_publication
  FOR EACH ROW EXECUTE FUNCTION forum_refuse_deletion_of_publication();

-- The tree of regions has no circle.
CREATE FUNCTION forum_refuse_region_circle() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE node bigint := NEW.parent_id;
BEGIN
  WHILE node IS NOT NULL LOOP
    IF node = NEW.id THEN
      RAISE EXCEPTION 'region % lies within itself', NEW.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT parent_id INTO node FROM articles_region WHERE id = node;
  END LOOP;
  RETURN NEW;
END $$;

CREATE TRIGGER region_no_circle BEFORE INSERT OR UPDATE OF parent_id ON articles_region
  FOR EACH ROW EXECUTE FUNCTION forum_refuse_region_circle();

-- Better estimates for the words of the search: without them common words got a bad plan.
ALTER TABLE articles_searchentry ALTER COLUMN public SET STATISTICS 2000;
"""

BACKWARD = """
DROP TRIGGER region_no_circle ON articles_region;
DROP TRIGGER publication_past_stays ON articles_publication;
DROP TRIGGER publication_append_only ON articles_publication;
DROP TRIGGER revision_public_stays ON articles_revision;
DROP TRIGGER revision_append_only ON articles_revision;
DROP FUNCTION forum_refuse_region_circle(), forum_refuse_deletion_of_publication(), forum_refuse_deletion_of_public_text(), forum_refuse_change();
ALTER TABLE articles_publication DROP CONSTRAINT publication_revision_is_its_own;
ALTER TABLE articles_article DROP CONSTRAINT article_live_is_its_own, DROP CONSTRAINT article_latest_is_its_own;
"""


class Migration(migrations.Migration):
    dependencies = [("articles", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
