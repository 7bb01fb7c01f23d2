"""Uses of pictures and introductions as HTML for what was written before; once written, a use never changes."""

import re
from html import escape, unescape

from django.conf import settings
from django.db import migrations

from prose import sanitise

IMG = re.compile(r'<img\b[^<>]*? src="([^"]*)"')

FORWARD = """
CREATE TRIGGER image_use_append_only BEFORE UPDATE ON articles_imageuse
  FOR EACH ROW EXECUTE FUNCTION forum_refuse_change();
"""
BACKWARD = "DROP TRIGGER image_use_append_only ON articles_imageuse;"


def note_uses(apps, schema_editor):
    Revision = apps.get_model("articles", "Revision")
    Image = apps.get_model("articles", "Image")
    ImageUse = apps.get_model("articles", "ImageUse")
    by_file = dict(Image.objects.values_list("file", "pk"))
    uses = []
    for revision in Revision.objects.only("body", "lead_image").iterator(500):
        if revision.lead_image_id:
            uses.append(ImageUse(revision=revision, image_id=revision.lead_image_id, is_lead=True))
        names = {unescape(src).split("?")[0].removeprefix(settings.MEDIA_URL) for src in IMG.findall(revision.body)}
        uses += [ImageUse(revision=revision, image_id=by_file[n], is_lead=False) for n in sorted(names) if n in by_file]
    ImageUse.objects.bulk_create(uses, batch_size=1000)


def introductions_to_html(apps, schema_editor):
    for series in apps.get_model("articles", "Series").objects.exclude(introduction=""):
        if not series.introduction.lstrip().startswith("<"):
            parts = (part for part in re.split(r"\n\s*\n", series.introduction) if part.strip())
            series.introduction = "\n".join(f"<p>{escape(' '.join(part.split()), quote=False)}</p>" for part in parts)
        # Pages print it as it stands from now on, so words that only began like HTML must not become some.
        series.introduction = sanitise.sanitise(series.introduction)
        series.save(update_fields=["introduction"])


class Migration(migrations.Migration):
    dependencies = [("articles", "0003_furnishing")]
    operations = [
        migrations.RunPython(note_uses, migrations.RunPython.noop),
        migrations.RunPython(introductions_to_html, migrations.RunPython.noop),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
