"""An S3 server on loopback."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="package")
def bucket() -> Iterator[str]:
    """The URL of a bucket; the environment has its endpoint and credentials."""
    server_module = pytest.importorskip("moto.server", reason="needs moto")
    import boto3

    with pytest.MonkeyPatch.context() as environment:
        server = server_module.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            environment.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket="ecg")
        yield "s3://ecg"
        server.stop()
