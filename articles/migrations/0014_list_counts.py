"""Counts of lists and months are kept by triggers (`articles.counts`)."""

from django.db import migrations, models

LISTS = {
    "articles_regionlisting": "region",
    "articles_taglisting": "topic",
    "articles_authorlisting": "author",
    "articles_serieslisting": "series",
}
IS_LISTED = "live_id IS NOT NULL AND status = 'published'"
MONTH = "extract(year FROM published_on) * 100 + extract(month FROM published_on)"

FUNCTIONS = f"""
CREATE FUNCTION articles_count_list() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO articles_listcount (kind, target, difference)
      SELECT TG_ARGV[0], target_id, count(*) FROM after GROUP BY target_id;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO articles_listcount (kind, target, difference)
      SELECT TG_ARGV[0], target_id, -count(*) FROM before GROUP BY target_id;
  ELSE
    INSERT INTO articles_listcount (kind, target, difference)
      SELECT TG_ARGV[0], target_id, sum(difference) FROM (
        SELECT target_id, 1 AS difference FROM after UNION ALL SELECT target_id, -1 FROM before
      ) AS changed GROUP BY target_id HAVING sum(difference) <> 0;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION articles_count_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO articles_listcount (kind, target, difference)
      SELECT 'month', {MONTH}, count(*) FROM after WHERE {IS_LISTED} GROUP BY 2;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO articles_listcount (kind, target, difference)
      SELECT 'month', {MONTH}, -count(*) FROM before WHERE {IS_LISTED} GROUP BY 2;
  ELSE
    INSERT INTO articles_listcount (kind, target, difference)
      SELECT 'month', {MONTH}, sum(difference) FROM (
        SELECT published_on, 1 AS difference FROM after WHERE {IS_LISTED}
        UNION ALL SELECT published_on, -1 FROM before WHERE {IS_LISTED}
      ) AS changed GROUP BY 2 HAVING sum(difference) <> 0;
  END IF;
  RETURN NULL;
END $$;
"""  # noqa: S608  made of constants


def triggers(table: str, function: str) -> str:
    tables = {"INSERT": "NEW TABLE AS after", "DELETE": "OLD TABLE AS before"}
    tables["UPDATE"] = " ".join(reversed(tables.values()))
    return "\n".join(
        f"CREATE TRIGGER {table}_counted_{event.lower()} AFTER {event} ON {table} REFERENCING {named} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function};"
        for event, named in tables.items()
    )


TRIGGERS = "\n".join(
    [
        *(triggers(table, f"articles_count_list('{name}')") for table, name in LISTS.items()),
        triggers("articles_article", "articles_count_month()"),
    ]
)
FILL = "\n".join(
    f"INSERT INTO articles_listcount (kind, target, difference) {rows};"
    for rows in (
        *(f"SELECT '{name}', target_id, count(*) FROM {table} GROUP BY target_id" for table, name in LISTS.items()),  # noqa: S608
        f"SELECT 'month', {MONTH}, count(*) FROM articles_article WHERE {IS_LISTED} GROUP BY 2",  # noqa: S608
    )
)
BACKWARD = "\n".join(
    [
        *(
            f"DROP TRIGGER {table}_counted_{event} ON {table};"
            for table in (*LISTS, "articles_article")
            for event in ("insert", "delete", "update")
        ),
        "DROP FUNCTION articles_count_list();",
        "DROP FUNCTION articles_count_month();",
    ]
)


class Migration(migrations.Migration):
    dependencies = [("articles", "0013_telling_words")]

    operations = [
        migrations.CreateModel(
            name="ListCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=7)),
                ("target", models.BigIntegerField()),
                ("difference", models.IntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "target"], include=["difference"], name="list_count")],
            },
        ),
        migrations.RunSQL(FUNCTIONS + TRIGGERS + FILL, BACKWARD),
    ]
