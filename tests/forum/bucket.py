"""A server that speaks S3, on loopback, and the site's uploads in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from django.conf import settings as forum
from django.test import override_settings
from moto.server import ThreadedMotoServer

NAME, KEY, SECRET = "forum-media", "testing", "testing"


@contextmanager
def bucket(**settings: Any) -> Iterator[Any]:
    """Gives boto's client. Whatever the site stores meanwhile is there, and nowhere else."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    keys = {
        "endpoint_url": endpoint,
        "region_name": "us-east-1",
        "aws_access_key_id": KEY,
        "aws_secret_access_key": SECRET,
    }
    client = boto3.client("s3", **keys)
    client.create_bucket(Bucket=NAME)
    options = {
        "bucket_name": NAME, "endpoint_url": endpoint, "region_name": "us-east-1", "access_key": KEY, "secret_key": SECRET, "addressing_style": "path",
        "signature_version": "s3v4", "default_acl": None, "file_overwrite": False,
    }  # fmt: skip
    storages = forum.STORAGES | {"default": {"BACKEND": "forum.bucket.Bucket", "OPTIONS": options}}
    with override_settings(STORAGES=storages, **settings):
        try:
            yield client
        finally:
            server.stop()
            client.close()


def names(client: Any) -> list[str]:
    return [one["Key"] for one in client.list_objects_v2(Bucket=NAME).get("Contents", [])]
