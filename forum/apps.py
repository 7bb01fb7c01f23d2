from django.apps import AppConfig


class ForumConfig(AppConfig):
    name = "forum"
    verbose_name = "the publication"

    def ready(self) -> None:
        from forum import told  # noqa: F401  says by what changes of its tables are told
        from forum.prepared import read_moments_quickly

        read_moments_quickly()
