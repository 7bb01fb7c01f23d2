"""What the server runs (`forum.server`): static files, then the page cache, then Django."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forum.settings")

_django = get_wsgi_application()

from forum.pagecache.setup import in_front_of  # noqa: E402  Django's settings come first
from forum.statics import Statics  # noqa: E402

application = Statics(in_front_of(_django))
