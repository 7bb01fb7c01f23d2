"""What of the demonstration was loaded, and what was generated."""

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


class Generated(models.Model):
    """One run of `generate_articles`: pieces `first` to `last` of a seed, of which those up to `done` are there."""

    seed = models.IntegerField()
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    done = models.PositiveIntegerField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # About how many words a body has.
    words = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "generated"
        constraints = (models.UniqueConstraint(fields=["seed", "first"], name="generated_run_once"),)

    def __str__(self) -> str:
        return f"{self.first} to {self.last} of {self.seed}"
