from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.db.models.signals import post_migrate


class EditorialConfig(AppConfig):
    name = "editorial"
    verbose_name = "the desk"

    def ready(self) -> None:
        from articles.views import media
        from editorial import access, deadlines, effects, folds, guards, reminders, roles  # noqa: F401  effects, folds and guards register themselves

        media.let_see(access.may_see_image)
        for due in reminders.KINDS:
            deadlines.register(due)
        register(every_name_is_registered)
        post_migrate.connect(roles.synchronise, dispatch_uid="editorial.roles", sender=self)


def every_name_is_registered(**kwargs: object) -> list[CheckMessage]:
    """System check: the table of transitions names nothing that no room registered."""
    from editorial.registry import unregistered

    return [
        Error(f"The workflow names “{name}”, which no room registered.", id="editorial.E001")
        for name in sorted(unregistered())
    ]
