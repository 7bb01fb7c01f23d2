"""Every setting of Forum, read from the environment (see `.env.example`)."""

import secrets
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from forum import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")


def _port() -> int:
    text = env.str("PORT", default="") or "8000"
    if not (text.isdecimal() and 0 < int(text) < 65536):
        raise ImproperlyConfigured(f"PORT is a number from 1 to 65535, such as 8000, and not “{text}”.")
    return int(text)


# The folder for everything that is not code: database, media, mail, the secret of a demonstration.
VAR = Path(env.str("VAR", default="") or BASE_DIR / "var").resolve()
PORT = _port()
DEBUG = env.bool("DEBUG", default=False)

# --- Database -------------------------------------------------------------------------------------
# Without DATABASE_URL an embedded PostgreSQL in VAR is used: for trying Forum and for its tests. The
# demonstration, its accounts and its relaxed cookies belong to that database alone.
DATABASE_URL = env.str("DATABASE_URL", default="")
IS_EMBEDDED = not DATABASE_URL
DATABASES = {"default": env.db_url_config(DATABASE_URL or embedded.url(VAR)) | {"CONN_HEALTH_CHECKS": True}}
# Beside what the address says after its question mark, such as sslmode.
DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
    "min_size": 1,
    "max_size": env.int("DATABASE_POOL", default=8),
    "timeout": 10,
}
# Whether the queries of readers' pages are prepared on the server (`forum.prepared`); 0 for a pooler that can't keep them.
DATABASE_PREPARE = env.bool("DATABASE_PREPARE", default=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _secret_key() -> str:
    """The key from the environment; made into VAR for the embedded database, where nothing of worth is signed."""
    key: str = env.str("SECRET_KEY", default="")
    if key:
        return key
    if not IS_EMBEDDED:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    return embedded.remember(VAR / "secret_key", lambda: secrets.token_urlsafe(50))


SECRET_KEY = _secret_key()

# --- The site and its address ---------------------------------------------------------------------
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if IS_EMBEDDED else [])
# The address that letters and feeds name, without a slash at its end.
SITE_URL = env.str("SITE_URL", default=f"http://localhost:{PORT}" if IS_EMBEDDED else "https://localhost").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
ROOT_URLCONF = "forum.urls"
WSGI_APPLICATION = "forum.wsgi.application"

INSTALLED_APPS = [
    # Ours come before the admin, so that templates/admin/base_site.html is ours.
    "forum",
    "prose",
    "accounts",
    "authors",
    "articles",
    "editorial",
    "review",
    "demo",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",  # its templates, which ours override
    "csp",
    "taggit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_prose_editor",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "forum.content_policy.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    # Last: it asks only where nothing else answered.
    "articles.middleware.OldAddressMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "forum.context_processors.masthead",
                "forum.context_processors.interface",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
X_FRAME_OPTIONS = "SAMEORIGIN"  # the desk shows its preview in a frame

# --- The page cache -------------------------------------------------------------------------------
# Megabytes of pages that each process keeps; 0 turns it off. The file is memory that the processes of one machine share.
PAGE_CACHE_MB = env.int("PAGE_CACHE_MB", default=24)
PAGE_CACHE_FILE = VAR / "pagecache"
# Megabytes of parts of pages that each process remembers, for pages that have to be made anew; 0 for none.
REMEMBERED_MB = env.int("REMEMBERED_MB", default=8)
# A cache in front of all machines that is told of changes (`CDN_PURGE_URL`) may keep pages for so long.
CDN_PURGE_URL = env.str("CDN_PURGE_URL", default="")
CDN_PURGE_METHOD = env.str("CDN_PURGE_METHOD", default="POST")
# What proves that we may, such as “Fastly-Key: …”.
CDN_PURGE_HEADER = env.str("CDN_PURGE_HEADER", default="")
CDN_SECONDS = env.int("CDN_SECONDS", default=86400) if CDN_PURGE_URL else 0

# --- Language and time ----------------------------------------------------------------------------
# What the source is written in, and the desk speaks. Readers are spoken to in the masthead's language where `locale/`
# has it (`forum.languages`).
LANGUAGE_CODE = "en-gb"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["forum.formats"]
USE_TZ = True
# The clock of the server; the publication's own time zone is a field of the masthead.
TIME_ZONE = "UTC"

# --- Static files and uploads ---------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR / "media"
# Where uploads lie: `disk` (MEDIA_ROOT), or `s3` (a bucket, `forum.bucket`). Their addresses are the same.
MEDIA_STORAGE = env.str("MEDIA_STORAGE", default="disk")
# The internal location of a proxy in front that sends files once Forum has said who may see them (X-Accel-Redirect).
MEDIA_ACCEL = env.str("MEDIA_ACCEL", default="").rstrip("/")


def _uploads() -> dict[str, Any]:
    if MEDIA_STORAGE == "disk":
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    if MEDIA_STORAGE != "s3":
        raise ImproperlyConfigured(f"MEDIA_STORAGE is disk or s3, and not “{MEDIA_STORAGE}”.")
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise ImproperlyConfigured(
            "MEDIA_STORAGE=s3 needs what is in requirements-s3.txt: pip install -r requirements-s3.txt"
        )
    if not (bucket := env.str("S3_BUCKET", default="")):
        raise ImproperlyConfigured("MEDIA_STORAGE=s3 needs the name of the bucket: S3_BUCKET.")
    endpoint = env.str("S3_ENDPOINT", default="") or None
    return {
        "BACKEND": "forum.bucket.Bucket",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": endpoint,
            "region_name": env.str("S3_REGION", default="") or ("us-east-1" if endpoint else None),
            # Empty: as boto finds them (its own files, the role of the machine).
            "access_key": env.str("S3_ACCESS_KEY", default="") or None,
            "secret_key": env.str("S3_SECRET_KEY", default="") or None,
            "location": env.str("S3_PREFIX", default=""),
            "addressing_style": "path" if endpoint else "virtual",
            "signature_version": "s3v4",
            "default_acl": None,  # private, as the bucket is
            "file_overwrite": False,
        },
    }


STORAGES = {
    "default": _uploads(),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # a form without its files; the longest book chapter fits ten times

# --- People ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
# allauth's backend is Django's with sign-in by address; one alone, so that a password is hashed once and an unknown
# address takes as long as a wrong password.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "accounts:start"

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "add_email": "accounts.forms.AddEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "confirm_email_verification_code": "accounts.forms.ConfirmEmailVerificationCodeForm",
}
# An address is confirmed by a code typed into the page that asked for it: on a phone the mail opens in another
# browser than the one that signed up, and mail scanners follow links.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 60 * 60  # some mail servers hold a first mail back for half an hour
ACCOUNT_LOGIN_TIMEOUT = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_CHANGE_EMAIL = True  # one address for each person; a change takes effect once the new one is confirmed
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # a change of address asks for the password, once in five minutes
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password, address or second step is told to the person
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE_URL.partition(":")[0]
# Behind proxies of one's own: how many, so that rate limits count the reader's address and not the proxy's.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

# A second step is each person's choice.
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "authenticate": "accounts.forms.AuthenticateForm",
    "reauthenticate": "accounts.forms.MfaReauthenticateForm",
    "activate_totp": "accounts.forms.ActivateTOTPForm",
    "login_webauthn": "accounts.forms.LoginWebAuthnForm",
    "authenticate_webauthn": "accounts.forms.AuthenticateWebAuthnForm",
    "reauthenticate_webauthn": "accounts.forms.ReauthenticateWebAuthnForm",
    "add_webauthn": "accounts.forms.AddWebAuthnForm",
    "edit_webauthn": "accounts.forms.EditWebAuthnForm",
}
MFA_TOTP_TOLERANCE = 1  # clocks of phones may be half a minute off
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = IS_EMBEDDED

# Reports of errors in pieces that one reader sends; `articles.reports` has the other limits.
ACCOUNT_RATE_LIMITS = {"report_error": "6/h/key"}
# Word documents that one author has read; each takes up to a few seconds of a processor.
ACCOUNT_RATE_LIMITS["word"] = "30/h/user"
# Addresses of reviews that were none, tried from one network address.
ACCOUNT_RATE_LIMITS["referee_guess"] = "60/h/ip"
# Rate limits are counted here, for all processes together. The table comes with forum's migrations.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "forum_cache"}}

# --- Mail -----------------------------------------------------------------------------------------
# Django's own calls put mail into the outbox, in the caller's transaction; the worker sends it by EMAIL_URL.
EMAIL_BACKEND = "forum.mail.OutboxBackend"
_delivery = env.email_url_config(
    env.str("EMAIL_URL", default=f"filemail:///{VAR}/mail" if IS_EMBEDDED else "smtp://localhost:25")
)
DELIVERY_BACKEND = _delivery.pop("EMAIL_BACKEND")
globals().update(_delivery)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Forum <forum@localhost>")

# --- Safety ---------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}
_is_https = not IS_EMBEDDED
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=_is_https)
SECURE_HSTS_SECONDS = 31536000 if _is_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _is_https
SECURE_HSTS_PRELOAD = _is_https
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("TRUST_FORWARDED_PROTO", default=False) else None
)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _is_https
SESSION_COOKIE_HTTPONLY = True
# A form with an old key is refused without losing what was typed.
CSRF_FAILURE_VIEW = "forum.kept.csrf_failure"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"

TAGGIT_CASE_INSENSITIVE = True
# An address is unique whatever its case, by a constraint on Lower(email), which this check does not see.
# The desk shows its preview in a frame, so that W019 does not hold.
SILENCED_SYSTEM_CHECKS = ["auth.W004", "security.W019"]

# --- Jobs -----------------------------------------------------------------------------------------
PROCRASTINATE_IMPORT_PATHS = ["forum.jobs", "articles.jobs", "editorial.jobs", "review.jobs"]
PROCRASTINATE_WORKER_DEFAULTS = {"concurrency": 4, "delete_jobs": "successful"}

# --- What the console shows -----------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django.request": {"level": "ERROR"},  # a page that is not there is not an event
    },
}
