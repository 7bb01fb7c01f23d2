from django.apps import AppConfig


class ForumConfig(AppConfig):
    name = "forum"
    verbose_name = "the publication"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created

        from forum import told  # noqa: F401  says by what changes of its tables are told
        from forum.prepared import keep_many, read_moments_quickly

        read_moments_quickly()
        connection_created.connect(keep_many)
