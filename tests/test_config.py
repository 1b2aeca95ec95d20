"""Settings: embedded by default, refused loudly and whole when malformed."""

from dataclasses import fields
from pathlib import Path

import pytest

from bespoke.config import READERS, SECRETS, Misconfigured, Settings, read_settings, variable

MALFORMED = {
    "BESPOKE_DATABASE_URL": "mysql://root:hunter2@db/bespoke",
    "BESPOKE_BROKER_URL": "amqp://guest:hunter2@broker",
    "BESPOKE_SECRET_KEY": "short",
    "BESPOKE_LISTEN": "8765",
    "BESPOKE_BASE_URL": "house.example",
    "BESPOKE_TRUSTED_HOSTS": "house.example, ht*tp",
    "BESPOKE_PROXIES": "-1",
    "BESPOKE_S3_BUCKET": "No Bucket",
    "BESPOKE_S3_ENDPOINT": "seaweedfs:8333",
    "BESPOKE_S3_PUBLIC_ENDPOINT": "https://user:hunter2@s3.example",
    "BESPOKE_S3_REGION": "Mars!",
    "BESPOKE_SMTP_URL": "mail.example:25",
    "BESPOKE_MAIL_FROM": "the house",
    "BESPOKE_WEB_THREADS": "0",
    "BESPOKE_WORKER_CONCURRENCY": "two",
    "BESPOKE_JOB_LEASE_SECONDS": "1e3",
    "BESPOKE_UPLOAD_LIMIT_MB": "٥",
    "BESPOKE_CHILD_MEMORY_MB": "4 GB",
    "BESPOKE_CHILD_CPU_SECONDS": "99999999999999999999",
    "BESPOKE_PICTURE_CPU_SECONDS": "NaN",
}


def faults(environment: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(Misconfigured) as refusal:
        read_settings(environment)
    return refusal.value.faults


def test_an_empty_environment_gives_the_embedded_house():
    settings = read_settings({"PATH": "/bin", "HOME": "/root"})
    assert settings == Settings()
    assert settings.database == f"sqlite:///{Path('var/bespoke.sqlite3').absolute()}"
    assert settings.address == "http://127.0.0.1:8765"
    assert settings.hosts == ("127.0.0.1", "localhost")
    assert not settings.secure


def test_every_field_has_a_reader_and_every_reader_a_field():
    assert set(READERS) == {field.name for field in fields(Settings)}


def test_a_big_house_is_read_from_its_environment():
    settings = read_settings(
        {
            "BESPOKE_DATABASE_URL": "postgresql://house:pass@db/bespoke",
            "BESPOKE_BROKER_URL": "redis://valkey:6379/0",
            "BESPOKE_BASE_URL": "https://house.example/",
            "BESPOKE_TRUSTED_HOSTS": "house.example, .house.example",
            "BESPOKE_S3_BUCKET": "files",
            "BESPOKE_S3_ENDPOINT": "http://seaweedfs:8333",
            "BESPOKE_S3_ACCESS_KEY": "key",
            "BESPOKE_S3_SECRET_KEY": "secret",
            "BESPOKE_WORKER_CONCURRENCY": "4",
        }
    )
    assert settings.database == "postgresql+psycopg://house:pass@db/bespoke"
    assert settings.address == "https://house.example"
    assert settings.secure
    assert settings.hosts == ("house.example", ".house.example")
    assert settings.worker_concurrency == 4


def test_an_empty_value_means_not_set():
    assert read_settings({"BESPOKE_BASE_URL": "", "BESPOKE_WEB_THREADS": "  "}) == Settings()


@pytest.mark.parametrize(("name", "value"), MALFORMED.items(), ids=list(MALFORMED))
def test_a_malformed_value_is_refused_by_name(name: str, value: str):
    assert any(fault.startswith(name) for fault in faults({name: value}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BESPOKE_DATABASE_URL", "sqlite:///"),
        ("BESPOKE_DATABASE_URL", "sqlite:///:memory:"),
        ("BESPOKE_DATABASE_URL", "postgresql://house:hunter2@db:port/bespoke"),
        ("BESPOKE_BROKER_URL", "redis://:hunter2@valkey:99999/0"),
        ("BESPOKE_BASE_URL", "https://house.example:port"),
        ("BESPOKE_BASE_URL", "https://house:hunter2@house.example?x=1"),
        ("BESPOKE_SMTP_URL", "smtp://user:hunter2@mail.example:465000"),
        ("BESPOKE_SMTP_URL", "smtp://user:hunter2\u2100@mail.example"),
        ("BESPOKE_LISTEN", "127.0.0.1:\u00b2"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_its_password(name: str, value: str):
    (fault,) = faults({name: value})
    assert fault.startswith(name)
    assert "hunter2" not in fault


def test_all_faults_are_told_at_once():
    told = faults(MALFORMED)
    assert {name for name in MALFORMED if any(fault.startswith(f"{name} ") for fault in told)} == set(MALFORMED)


def test_a_password_is_never_repeated_in_a_refusal():
    assert "hunter2" not in "".join(faults(MALFORMED))


def test_no_secret_shows_when_settings_are_printed():
    settings = read_settings({"BESPOKE_DATABASE_URL": "postgresql://house:hunter2@db/x"})
    assert "hunter2" not in repr(settings)


def test_a_misspelt_name_is_refused_with_the_right_one():
    (fault,) = faults({"BESPOKE_DATABSE_URL": "sqlite:////tmp/x"})
    assert "did you mean BESPOKE_DATABASE_URL" in fault


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_secret_may_come_from_a_file(name: str, tmp_path: Path):
    value = {
        "BESPOKE_DATABASE_URL": "postgresql://db/bespoke",
        "BESPOKE_BROKER_URL": "redis://valkey",
        "BESPOKE_SMTP_URL": "smtp://mail.example:587",
    }.get(name, "k" * 40)
    file = tmp_path / "secret"
    file.write_text(value + "\n")
    field = next(field.name for field in fields(Settings) if variable(field.name) == name)
    assert getattr(read_settings({f"{name}_FILE": str(file)}), field) == value


def test_a_secret_given_twice_or_in_a_missing_file_is_refused(tmp_path: Path):
    missing = str(tmp_path / "nothing")
    told = faults({"BESPOKE_SECRET_KEY": "k" * 40, "BESPOKE_SECRET_KEY_FILE": missing})
    assert len(told) == 2
    assert "both set" in told[0]
    assert "cannot be read" in told[1]


def test_a_plain_setting_has_no_file_variant():
    assert "is not a setting" in faults({"BESPOKE_BASE_URL_FILE": "/run/secrets/x"})[0]


def test_files_half_on_s3_are_refused():
    assert "BESPOKE_S3_ACCESS_KEY" in faults({"BESPOKE_S3_BUCKET": "files"})[0]
    assert "BESPOKE_S3_BUCKET" in faults({"BESPOKE_S3_ENDPOINT": "http://seaweedfs:8333"})[0]
