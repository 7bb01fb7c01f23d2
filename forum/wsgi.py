"""What the server runs (`forum.server`): Django behind the page cache."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forum.settings")

_django = get_wsgi_application()

from forum.pagecache.setup import in_front_of  # noqa: E402  Django's settings come first

application = in_front_of(_django)
