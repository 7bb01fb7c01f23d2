from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    name = "articles"
    verbose_name = "articles"

    def ready(self) -> None:
        from articles import told  # noqa: F401  says by what changes of its tables are told
