"""Due dates that were set before they were rows of their own get their rows, with the reminders that lie ahead."""

import datetime
import zoneinfo

from django.db import migrations
from django.utils import timezone

KINDS = {"revising": "revision", "approval": "approval"}
DAY = datetime.timedelta(days=1)


def add_rows(apps, schema_editor):
    Handling = apps.get_model("editorial", "Handling")
    Deadline = apps.get_model("editorial", "Deadline")
    Reminder = apps.get_model("editorial", "Reminder")
    masthead = apps.get_model("forum", "Masthead").objects.filter(pk=1).first()
    zone = zoneinfo.ZoneInfo(masthead.time_zone if masthead else "Australia/Sydney")
    now = timezone.now()
    due = Handling.objects.filter(due_on__isnull=False, article__status__in=KINDS).select_related("article")
    for handling in due.iterator():
        deadline = Deadline.objects.create(
            article=handling.article, kind=KINDS[handling.article.status], due_on=handling.due_on, set_at=handling.since
        )
        for moment, days in (("before", -3), ("on", 0), ("after", 3)):
            at = datetime.datetime.combine(handling.due_on + days * DAY, datetime.time(8), tzinfo=zone)
            if at > now:
                Reminder.objects.create(deadline=deadline, moment=moment, due_at=at)
        handling.desk_from = datetime.datetime.combine(handling.due_on + DAY, datetime.time(), tzinfo=zone)
        handling.save(update_fields=["desk_from"])


class Migration(migrations.Migration):
    dependencies = [("editorial", "0005_refereeing"), ("forum", "0005_held_mail")]

    operations = [migrations.RunPython(add_rows, migrations.RunPython.noop)]
