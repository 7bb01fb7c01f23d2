from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "review"
    verbose_name = "peer review"

    def ready(self) -> None:
        from accounts import roles
        from editorial import deadlines, letter_words
        from editorial import roles as grants
        from review import effects, guards, letter_kinds, reminders  # noqa: F401  effects and guards register themselves

        letter_words.register(letter_kinds.KINDS, letter_kinds.WORDS)
        for due in reminders.KINDS:
            deadlines.register(due)
        editing = ("review.view_referee", "review.add_referee", "review.change_referee")
        grants.extend(
            "review", {roles.EDITOR: editing, roles.MANAGING_EDITOR: (*editing, "review.edit_form")}
        )
