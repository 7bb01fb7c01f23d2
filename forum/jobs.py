"""Jobs of the worker. A job is enqueued in the caller's transaction and is safe to run twice."""

from datetime import timedelta

from django.db.models import BigIntegerField, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from forum import mail
from forum.models import Mail
from forum.pagecache.purging import call


@app.task(name="forum.send_mail", queue="mail", lock=None)
def send_mail(mail_id: int) -> None:
    """Send one mail; where the server did not take it, try again later."""
    wait = mail.deliver(mail_id)
    if wait is not None:
        send_mail.configure(schedule_in={"seconds": int(wait)}).defer(mail_id=mail_id)


@app.task(name="forum.purge", queue="purge", retry=RetryStrategy(max_attempts=12, exponential_wait=2))
def purge(tags: list[str]) -> None:
    """Have a cache in front of all machines drop what shows these (`CDN_PURGE_URL`)."""
    call(tags)


@app.periodic(cron="* * * * *", periodic_id="sweep")
@app.task(name="forum.sweep", pass_context=True, queueing_lock="forum.sweep")
async def sweep(context: JobContext, timestamp: int) -> None:
    """Every minute: give back the jobs of workers that died, and find mail that has no job left."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=30):
        await manager.retry_job(job)
    async for mail_id in orphans().aiterator():
        await send_mail.defer_async(mail_id=mail_id)


def orphans() -> QuerySet[Mail, int]:
    """Ids of mail that waits for over a minute though no job will send it: after a lost retry, or kept back till now."""
    pending = ProcrastinateJob.objects.filter(task_name="forum.send_mail", status__in=("todo", "doing")).values_list(
        Cast(KeyTextTransform("mail_id", "args"), BigIntegerField()), flat=True
    )
    return (
        Mail.objects.filter(state=Mail.State.WAITING, queued_at__lt=timezone.now() - timedelta(minutes=1))
        .filter(Q(not_before=None) | Q(not_before__lte=timezone.now()))
        .exclude(pk__in=pending)
        .order_by("queued_at")
        .values_list("pk", flat=True)[:500]
    )
