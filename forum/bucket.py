"""Pictures and papers in a bucket that speaks S3, for sites of several machines (MEDIA_STORAGE=s3).

Nothing in it is public. A file has the same address as on a disk, on the site's own host: Forum says who may see it
(`articles.views.media`), and sends it, or has the proxy in front fetch it by an address that is signed for that (MEDIA_ACCEL).
"""

import contextlib
import io
import os
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from django.conf import settings
from django.core.files.base import File
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

# Missing, by the names that those who speak S3 have for it.
_MISSING = ("404", "NoSuchKey", "NotFound")
KINDS = {"jpg": "image/jpeg", "png": "image/png", "avif": "image/avif", "webp": "image/webp"}
# A reader waits for it, and a server's thread: by itself boto tries for five minutes.
_PATIENCE = Config(connect_timeout=3, read_timeout=20, retries={"mode": "standard", "max_attempts": 2})
# So long a signed address holds, in seconds.
SIGNED = 3600


class Bucket(S3Storage):  # type: ignore[misc]  # it ships no types
    """django-storages' own, but for reading whole, in one request, and for addresses."""

    _making = threading.Lock()
    _client: Any = None
    _process = 0

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        config: Any = self.client_config
        self.client_config: Any = config.merge(_PATIENCE)

    @property
    def client(self) -> Any:
        """One for all threads, unlike the library's own: it takes a tenth of a second to make, and a few MB. None that was made before
        processes parted (`forum.server`): on its open connections they would get each other's files."""
        if self._process != (process := os.getpid()):
            with self._making:
                if self._process != process:
                    self._connections, self._bucket = threading.local(), None
                    self._client = self.connection.meta.client
                    self._process = process
        return self._client

    def _open(self, name: str, mode: str = "rb") -> Any:
        if mode != "rb":
            return super()._open(name, mode)
        with _told(name):
            answer = self.client.get_object(Bucket=self.bucket_name, Key=self._key(name))
            return File(io.BytesIO(answer["Body"].read()), name)

    def exists(self, name: str) -> bool:
        try:
            with _told(name):
                self.client.head_object(Bucket=self.bucket_name, Key=self._key(name))
        except FileNotFoundError:
            return False
        return True

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        """The type too, for a proxy that fetches it: not every system knows these by their suffix."""
        kind = KINDS.get(name.rpartition(".")[2].lower())
        return {**super().get_object_parameters(name), **({"ContentType": kind} if kind else {})}

    def _key(self, name: str) -> str:
        key: str = self._normalize_name(clean_name(name))
        return key

    def url(self, name: str, *args: Any, **kwargs: Any) -> str:
        """Ours: the same wherever a file is kept, so that texts and pages name it alike."""
        return urljoin(settings.MEDIA_URL, filepath_to_uri(name))

    def signed(self, name: str) -> str:
        """Path and query by which the proxy in front fetches a file for a while."""
        address = self.client.generate_presigned_url(
            "get_object", Params={"Bucket": self.bucket_name, "Key": self._key(name)}, ExpiresIn=SIGNED
        )
        parts = urlsplit(address)
        return f"{parts.path}?{parts.query}"


@contextlib.contextmanager
def _told(name: str) -> Iterator[None]:
    """Errors as a disk has them."""
    try:
        yield
    except ClientError as problem:
        if problem.response["Error"]["Code"] in _MISSING:
            raise FileNotFoundError(f"There is no {name} in the bucket.") from problem
        raise OSError(f"The bucket was asked for {name}: {problem}") from problem
    except (BotoCoreError, HTTPClientError) as problem:
        raise OSError(f"The bucket was asked for {name}: {problem}") from problem
