from django.db import migrations, models

TOLD = """
CREATE OR REPLACE FUNCTION articles_tell_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.public IS DISTINCT FROM NEW.public THEN
    PERFORM forum_tell('pieces');
  END IF;
  IF {} THEN
    PERFORM forum_tell('article:' || NEW.article_id);
  END IF;
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("articles", "0012_told")]

    operations = [
        migrations.CreateModel(
            name="WordShare",
            fields=[
                ("word", models.TextField(primary_key=True, serialize=False)),
                ("share", models.FloatField()),
            ],
        ),
        migrations.AddField(
            model_name="searchentry",
            name="telling",
            field=models.TextField(blank=True, default="", db_default=""),
        ),
        # Of what the planner knows of the words depends how it goes about a search, and what an estimate is worth.
        migrations.RunSQL(
            "ALTER TABLE articles_searchentry ALTER COLUMN public SET STATISTICS 2000",
            "ALTER TABLE articles_searchentry ALTER COLUMN public SET STATISTICS -1",
        ),
        # Of the words that tell of a piece depends what else its page names.
        migrations.RunSQL(TOLD.format("TG_OP <> 'DELETE' AND OLD.telling IS DISTINCT FROM NEW.telling"), TOLD.format("FALSE")),
    ]
