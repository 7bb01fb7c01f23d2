"""What of the demonstration was loaded."""

from django.db import models
from django.utils import timezone


class Loaded(models.Model):
    """One thing that was loaded once. What a person changes, renames or deletes afterwards is left as they want it."""

    key = models.CharField(max_length=150, unique=True)
    # The row that it became, whatever it is called now; that row may be gone.
    row = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "loaded"

    def __str__(self) -> str:
        return self.key
