"""Changes of what stands on every page are told to the page cache."""

from django.db import migrations

FORWARD = """
-- Says to whoever listens that what pages show has changed: heard once the transaction is through, once for each tag.
-- A load of many pieces sets forum.quiet and tells of everything at its end.
CREATE FUNCTION forum_tell(tag text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('forum.quiet', true), '') <> 'on' THEN
    PERFORM pg_notify('forum_pages', tag);
  END IF;
END $$;

-- For tables of which each change is told by the same tags: those that the trigger names.
CREATE FUNCTION forum_tell_always() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE tag text;
BEGIN
  FOREACH tag IN ARRAY TG_ARGV LOOP
    PERFORM forum_tell(tag);
  END LOOP;
  RETURN NULL;
END $$;

CREATE TRIGGER masthead_told AFTER INSERT OR UPDATE OR DELETE ON forum_masthead
  FOR EACH STATEMENT EXECUTE FUNCTION forum_tell_always('furniture', 'due');
CREATE TRIGGER navigation_told AFTER INSERT OR UPDATE OR DELETE ON forum_navigationitem
  FOR EACH STATEMENT EXECUTE FUNCTION forum_tell_always('furniture');
CREATE TRIGGER page_told AFTER INSERT OR UPDATE OR DELETE ON forum_page
  FOR EACH STATEMENT EXECUTE FUNCTION forum_tell_always('furniture');
"""

BACKWARD = """
DROP TRIGGER masthead_told ON forum_masthead;
DROP TRIGGER navigation_told ON forum_navigationitem;
DROP TRIGGER page_told ON forum_page;
DROP FUNCTION forum_tell_always();
DROP FUNCTION forum_tell(text);
"""


class Migration(migrations.Migration):
    dependencies = [("forum", "0006_readers")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
