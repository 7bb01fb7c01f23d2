from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "review"
    verbose_name = "peer review"

    def ready(self) -> None:
        from accounts import doors, roles
        from articles.models import Region, Tag
        from editorial import deadlines, letter_words, merging, rooms
        from editorial import roles as grants
        from review import (  # noqa: F401  effects and guards register themselves
            blindness,
            effects,
            expecting,
            folds,
            guards,
            inviting,
            letter_kinds,
            portal,
            reminders,
            timeline_words,
            words,
        )
        from review.models import Referee
        from review.referee import home

        blindness.register()
        words.register()
        expecting.register()
        folds.register()
        doors.AFTER_SIGN_IN.append(home.after_sign_in)
        rooms.EVENT_WORDS.update(timeline_words.EVENT_WORDS)
        rooms.EVENT_LINES.append(timeline_words.reasons)
        rooms.STEP_PAGES["send_to_review", ""] = "admin:review_send"
        rooms.STOPPERS["referee_invited"] = inviting.stop_letter
        portal.register()
        letter_words.register(letter_kinds.KINDS, letter_kinds.WORDS)
        for due in reminders.KINDS:
            deadlines.register(due)
        for kind, many, name in ((Region, Referee.regions, "region"), (Tag, Referee.tags, "tag")):
            merging.also(kind, many.through, name, once=("referee_id",), relation=f"review.referee.{name}s")
        editing = ("review.view_referee", "review.add_referee", "review.change_referee")
        grants.extend("review", {roles.EDITOR: editing, roles.MANAGING_EDITOR: (*editing, "review.edit_form")})
