"""Changes of what readers read are told to the page cache (`articles.told`)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION articles_tell_of(piece bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM forum_tell('article:' || piece);
  PERFORM forum_tell('pieces');
END $$;

-- A piece that readers have, had, or are about to have. What the desk alone sees is told to nobody.
CREATE FUNCTION articles_tell_piece() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.live_id IS NULL AND NEW.live_id IS NULL AND 'taken_down' NOT IN (OLD.status, NEW.status) THEN
      RETURN NULL;
    END IF;
    -- All but the desk's own pointer.
    OLD.latest_id := NEW.latest_id;
    OLD.corresponding_id := NEW.corresponding_id;
    OLD.has_own_slug := NEW.has_own_slug;
    IF OLD IS NOT DISTINCT FROM NEW THEN
      RETURN NULL;
    END IF;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    IF OLD.live_id IS NOT NULL OR OLD.status = 'taken_down' THEN
      PERFORM articles_tell_of(OLD.id);
      PERFORM forum_tell('article:' || OLD.translation_of_id) WHERE OLD.translation_of_id IS NOT NULL;
      PERFORM forum_tell('due') WHERE OLD.published_at > clock_timestamp() - interval '1 minute';
    END IF;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    IF NEW.live_id IS NOT NULL OR NEW.status = 'taken_down' THEN
      PERFORM articles_tell_of(NEW.id);
      PERFORM forum_tell('article:' || NEW.translation_of_id) WHERE NEW.translation_of_id IS NOT NULL;
      PERFORM forum_tell('due') WHERE NEW.published_at > clock_timestamp() - interval '1 minute';
    END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER article_told AFTER INSERT OR UPDATE OR DELETE ON articles_article
  FOR EACH ROW EXECUTE FUNCTION articles_tell_piece();

-- What belongs to a piece; the trigger names the column that says to which.
CREATE FUNCTION articles_tell_part() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  piece bigint;
BEGIN
  FOR piece IN
    SELECT DISTINCT article.id FROM articles_article AS article
    WHERE article.id IN (
        (CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END ->> TG_ARGV[0])::bigint,
        (CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END ->> TG_ARGV[0])::bigint
      ) AND article.live_id IS NOT NULL
  LOOP
    PERFORM articles_tell_of(piece);
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER byline_told AFTER INSERT OR UPDATE OR DELETE ON articles_byline
  FOR EACH ROW EXECUTE FUNCTION articles_tell_part('article_id');
CREATE TRIGGER publication_told AFTER INSERT OR UPDATE OR DELETE ON articles_publication
  FOR EACH ROW EXECUTE FUNCTION articles_tell_part('article_id');
CREATE TRIGGER article_region_told AFTER INSERT OR UPDATE OR DELETE ON articles_article_regions
  FOR EACH ROW EXECUTE FUNCTION articles_tell_part('article_id');
CREATE TRIGGER article_tag_told AFTER INSERT OR UPDATE OR DELETE ON articles_taggedarticle
  FOR EACH ROW EXECUTE FUNCTION articles_tell_part('content_object_id');
CREATE TRIGGER share_card_told AFTER INSERT OR UPDATE OR DELETE ON articles_sharecard
  FOR EACH ROW EXECUTE FUNCTION articles_tell_part('article_id');

-- What belongs to a version of a text that readers have or had.
CREATE FUNCTION articles_tell_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  version bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.revision_id ELSE NEW.revision_id END;
  piece bigint;
BEGIN
  SELECT article.id INTO piece FROM articles_revision AS revision JOIN articles_article AS article ON article.id = revision.article_id
    WHERE revision.id = version AND article.live_id IS NOT NULL
      AND (article.live_id = version OR EXISTS (SELECT 1 FROM articles_publication WHERE revision_id = version));
  IF FOUND THEN
    PERFORM articles_tell_of(piece);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER rendering_told AFTER INSERT OR UPDATE OR DELETE ON articles_rendering
  FOR EACH ROW EXECUTE FUNCTION articles_tell_version();
CREATE TRIGGER seal_told AFTER INSERT OR UPDATE OR DELETE ON articles_sealedtext
  FOR EACH ROW EXECUTE FUNCTION articles_tell_version();
CREATE TRIGGER image_use_told AFTER INSERT OR UPDATE OR DELETE ON articles_imageuse
  FOR EACH ROW EXECUTE FUNCTION articles_tell_version();

-- A picture: of the pieces whose readers have it, or of what stands round them.
CREATE FUNCTION articles_tell_picture() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  picture bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END;
  piece bigint;
BEGIN
  IF OLD IS NOT DISTINCT FROM NEW THEN
    RETURN NULL;
  END IF;
  FOR piece IN
    SELECT DISTINCT article.id FROM articles_imageuse AS use JOIN articles_article AS article ON article.live_id = use.revision_id
    WHERE use.image_id = picture
  LOOP
    PERFORM articles_tell_of(piece);
  END LOOP;
  IF NOT EXISTS (SELECT 1 FROM articles_imageuse WHERE image_id = picture)
    OR EXISTS (SELECT 1 FROM articles_region WHERE image_id = picture) OR EXISTS (SELECT 1 FROM articles_tag WHERE image_id = picture)
    OR EXISTS (SELECT 1 FROM articles_series WHERE cover_id = picture OR position(NEW.file IN introduction) > 0)
    OR EXISTS (SELECT 1 FROM articles_portrait WHERE image_id = picture)
    OR EXISTS (SELECT 1 FROM forum_page WHERE position(NEW.file IN body) > 0)
  THEN
    PERFORM forum_tell('furniture');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER image_told AFTER UPDATE OR DELETE ON articles_image
  FOR EACH ROW EXECUTE FUNCTION articles_tell_picture();

-- A place in a list; the trigger names what the list is of.
CREATE FUNCTION articles_tell_list() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM forum_tell(TG_ARGV[0] || ':' || OLD.target_id);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    PERFORM forum_tell(TG_ARGV[0] || ':' || NEW.target_id);
  END IF;
  PERFORM forum_tell('pieces');
  RETURN NULL;
END $$;
CREATE TRIGGER region_listing_told AFTER INSERT OR UPDATE OR DELETE ON articles_regionlisting
  FOR EACH ROW EXECUTE FUNCTION articles_tell_list('region');
CREATE TRIGGER tag_listing_told AFTER INSERT OR UPDATE OR DELETE ON articles_taglisting
  FOR EACH ROW EXECUTE FUNCTION articles_tell_list('topic');
CREATE TRIGGER author_listing_told AFTER INSERT OR UPDATE OR DELETE ON articles_authorlisting
  FOR EACH ROW EXECUTE FUNCTION articles_tell_list('author');
CREATE TRIGGER series_listing_told AFTER INSERT OR UPDATE OR DELETE ON articles_serieslisting
  FOR EACH ROW EXECUTE FUNCTION articles_tell_list('series');

-- Of the two vectors only that of what readers have, and what else was made from it.
CREATE FUNCTION articles_tell_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.public IS DISTINCT FROM NEW.public OR to_jsonb(OLD) -> 'telling' IS DISTINCT FROM to_jsonb(NEW) -> 'telling' THEN
    PERFORM articles_tell_of(coalesce(NEW.article_id, OLD.article_id));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER search_told AFTER INSERT OR UPDATE OR DELETE ON articles_searchentry
  FOR EACH ROW EXECUTE FUNCTION articles_tell_search();

-- An author's own lines stand with each of their pieces.
CREATE FUNCTION articles_tell_author() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  piece bigint;
BEGIN
  IF OLD IS NOT DISTINCT FROM NEW THEN
    RETURN NULL;
  END IF;
  FOR piece IN
    SELECT DISTINCT article.id FROM articles_byline AS byline JOIN articles_article AS article ON article.id = byline.article_id
    WHERE byline.author_id = NEW.id AND article.live_id IS NOT NULL
  LOOP
    PERFORM forum_tell('article:' || piece);
  END LOOP;
  PERFORM forum_tell('author:' || NEW.id);
  PERFORM forum_tell('people');
  RETURN NULL;
END $$;
CREATE TRIGGER author_told AFTER UPDATE ON authors_author
  FOR EACH ROW EXECUTE FUNCTION articles_tell_author();
CREATE TRIGGER author_added_told AFTER INSERT OR DELETE ON authors_author
  FOR EACH STATEMENT EXECUTE FUNCTION forum_tell_always('people');
CREATE TRIGGER author_former_slug_told AFTER INSERT OR UPDATE OR DELETE ON authors_authorformerslug
  FOR EACH STATEMENT EXECUTE FUNCTION forum_tell_always('people');

CREATE TRIGGER region_told AFTER INSERT OR UPDATE OR DELETE ON articles_region
  FOR EACH STATEMENT EXECUTE FUNCTION forum_tell_always('furniture');
CREATE TRIGGER tag_told AFTER UPDATE OR DELETE ON articles_tag
  FOR EACH STATEMENT EXECUTE FUNCTION forum_tell_always('furniture');
CREATE TRIGGER series_told AFTER UPDATE OR DELETE ON articles_series
  FOR EACH STATEMENT EXECUTE FUNCTION forum_tell_always('furniture');
CREATE TRIGGER series_editor_told AFTER INSERT OR UPDATE OR DELETE ON articles_serieseditor
  FOR EACH STATEMENT EXECUTE FUNCTION forum_tell_always('furniture');
CREATE TRIGGER portrait_told AFTER INSERT OR UPDATE OR DELETE ON articles_portrait
  FOR EACH STATEMENT EXECUTE FUNCTION forum_tell_always('furniture');
CREATE TRIGGER search_word_told AFTER INSERT OR UPDATE OR DELETE ON articles_searchword
  FOR EACH STATEMENT EXECUTE FUNCTION forum_tell_always('words');
CREATE TRIGGER month_told AFTER INSERT OR UPDATE OR DELETE ON articles_changedmonth
  FOR EACH STATEMENT EXECUTE FUNCTION forum_tell_always('months');
CREATE TRIGGER front_pick_told AFTER INSERT OR UPDATE OR DELETE ON articles_frontpick
  FOR EACH STATEMENT EXECUTE FUNCTION forum_tell_always('picks', 'due');
"""

TRIGGERS = {
    "articles_article": ["article_told"],
    "articles_byline": ["byline_told"],
    "articles_publication": ["publication_told"],
    "articles_article_regions": ["article_region_told"],
    "articles_taggedarticle": ["article_tag_told"],
    "articles_sharecard": ["share_card_told"],
    "articles_rendering": ["rendering_told"],
    "articles_sealedtext": ["seal_told"],
    "articles_imageuse": ["image_use_told"],
    "articles_image": ["image_told"],
    "articles_regionlisting": ["region_listing_told"],
    "articles_taglisting": ["tag_listing_told"],
    "articles_authorlisting": ["author_listing_told"],
    "articles_serieslisting": ["series_listing_told"],
    "articles_searchentry": ["search_told"],
    "authors_author": ["author_told", "author_added_told"],
    "authors_authorformerslug": ["author_former_slug_told"],
    "articles_region": ["region_told"],
    "articles_tag": ["tag_told"],
    "articles_series": ["series_told"],
    "articles_serieseditor": ["series_editor_told"],
    "articles_portrait": ["portrait_told"],
    "articles_searchword": ["search_word_told"],
    "articles_changedmonth": ["month_told"],
    "articles_frontpick": ["front_pick_told"],
}
FUNCTIONS = ("piece()", "part()", "version()", "picture()", "list()", "search()", "author()", "of(bigint)")
BACKWARD = "\n".join(
    [f"DROP TRIGGER {name} ON {table};" for table, names in TRIGGERS.items() for name in names]
    + [f"DROP FUNCTION articles_tell_{function};" for function in FUNCTIONS]
)


class Migration(migrations.Migration):
    dependencies = [("articles", "0011_record"), ("authors", "0004_native_name"), ("forum", "0007_told")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
