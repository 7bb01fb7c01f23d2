"""The site's settings, but for what tests need otherwise. They have a folder and a database of their own."""

from forum import embedded
from forum.settings import *

VAR = VAR / "test"
MEDIA_ROOT = VAR / "media"
STATIC_ROOT = VAR / "static"
if IS_EMBEDDED:
    DATABASES["default"]["OPTIONS"]["host"] = embedded.host(VAR)

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SITE_URL = "http://testserver"
# As on a site with https but for what a test's plain connection can't do.
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False

# Nobody guards these passwords, and a good hash takes its time.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Static files are found where they are written, without collecting them.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
