"""The checksum of an ORCID, held by the database: ISO 7064 MOD 11-2, as ORCID describes its identifier."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION forum_is_orcid(id text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE digits text := replace(id, '-', ''); total int := 0; check_digit int;
BEGIN
  IF id !~ '^\\d{4}-\\d{4}-\\d{4}-\\d{3}[\\dX]$' THEN RETURN false; END IF;
  FOR i IN 1..15 LOOP total := ((total + substr(digits, i, 1)::int) * 2) % 11; END LOOP;
  check_digit := (12 - total) % 11;
  RETURN right(digits, 1) = CASE check_digit WHEN 10 THEN 'X' ELSE check_digit::text END;
END $$;
ALTER TABLE authors_author ADD CONSTRAINT author_orcid_is_right CHECK (orcid = '' OR forum_is_orcid(orcid));
"""

BACKWARD = """
ALTER TABLE authors_author DROP CONSTRAINT author_orcid_is_right;
DROP FUNCTION forum_is_orcid(text);
"""


class Migration(migrations.Migration):
    dependencies = [("authors", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
