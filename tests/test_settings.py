"""Settings: read once, checked at start; a wrong one stops the program with one line that names it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import config
import startup_checks

ROOT = Path(__file__).resolve().parent.parent
LONG = "x" * 32
MAIL, VAPID = "mailto:it@example.ac.uk", "A" * 42 + "E"
SITE = "https://scans.example.ac.uk"
LIVE = {"SONOFOLIO_ENV": "production", "SECRET_KEY": LONG, "BASE_URL": SITE}

WRONG = [
    ("SONOFOLIO_ENV", {"SONOFOLIO_ENV": "prod"}, "takes development or production"),
    ("SECRET_KEY", {"SECRET_KEY": "short"}, "at least 32 characters"),
    ("SECRET_KEY", {"SONOFOLIO_ENV": "production"}, "required in production"),
    ("SECRET_KEY_FALLBACKS", {"SECRET_KEY_FALLBACKS": f"{LONG},short"}, "at least 32 characters"),
    ("DATABASE_URL", {"DATABASE_URL": "mysql://x/y"}, "takes sqlite:///"),
    ("DATABASE_URL", {"DATABASE_URL": "a file"}, "takes sqlite:///"),
    ("BASE_URL", {"BASE_URL": "scans.example.ac.uk"}, "takes the address people open"),
    ("BASE_URL", {"BASE_URL": "ftp://scans.example.ac.uk"}, "takes the address people open"),
    ("BASE_URL", {"BASE_URL": "http://[::1"}, "takes the address people open"),
    *[
        ("BASE_URL", {"BASE_URL": url}, "takes the address people open")
        for url in (
            f"{SITE}/portfolio",
            f"{SITE}/?a=b",
            f"{SITE}/#a",
            f"{SITE}//",
            "https://me:pw@a.test",
            "https://",
            "https://a b",
        )
    ],
    ("BASE_URL", {**LIVE, "BASE_URL": ""}, "is required in production; it takes the address people open"),
    ("BASE_URL", {**LIVE, "BASE_URL": "http://scans.example.ac.uk"}, "in production it begins with https"),
    ("BASE_URL", {**LIVE, "BASE_URL": "http://localhost.example.ac.uk"}, "in production it begins with https"),
    ("PORT", {"PORT": "http"}, "takes a whole number"),
    ("PORT", {"PORT": "70000"}, "from 1 to 65535"),
    ("QUEUE_URL", {"QUEUE_URL": "amqp://broker"}, "takes sqlite:///path, postgresql://... or redis://..."),
    ("QUEUE_URL", {"QUEUE_URL": "redis://localhost"}, "wants the package redis"),
    *[
        ("FILES_URL", {"FILES_URL": url}, "takes file:///path/of/a/folder or s3://bucket/prefix")
        for url in (
            "files",
            "/srv/files",
            "file://srv/files",
            "file:///",
            "s3://",
            "s3:bucket",
            "ftp://a/b",
            "s3://a?b=c",
        )
    ],
    ("SMTP_URL", {"SMTP_URL": "mail.example.ac.uk"}, "takes smtp://"),
    ("SMTP_URL", {"SMTP_URL": "smtp://"}, "takes smtp://"),
    ("SMTP_URL", {"SMTP_URL": "smtp://mail.example.ac.uk:submission"}, "takes smtp://"),
    *[
        ("SMTP_URL", {"SMTP_URL": f"smtp://scans:{password}@mail.example.ac.uk:587"}, "%40 %3A %2F")
        for password in ("a#b", "a/b", "12/34", "12?34", "12#34", "a[b", "a]b", "100%", "5%zz")
    ],
    *[
        ("MAIL_FROM", {"MAIL_FROM": sender}, "takes an address, such as")
        for sender in ("scans", "Sonofolio", "a@x.uk, b@x.uk", "José <josé@x.uk>", "a@x.uk\nBcc: b@x.uk", "<a@>")
    ],
    ("TRUST_PROXY", {"TRUST_PROXY": "yes"}, "takes a whole number"),
    ("TRUST_PROXY", {"TRUST_PROXY": "²"}, "takes a whole number"),
    (
        "VAPID_PRIVATE_KEY",
        {"VAPID_PRIVATE_KEY": "short", "VAPID_SUBJECT": MAIL},
        "takes what `flask --app app vapid-keys`",
    ),
    (
        "VAPID_PRIVATE_KEY",
        {"VAPID_PRIVATE_KEY": "A" * 43, "VAPID_SUBJECT": MAIL},
        "takes what `flask --app app vapid-keys`",
    ),
    (
        "VAPID_PRIVATE_KEY",
        {"VAPID_PRIVATE_KEY": "é" * 43, "VAPID_SUBJECT": MAIL},
        "takes what `flask --app app vapid-keys`",
    ),
    ("VAPID_PRIVATE_KEY", {"VAPID_SUBJECT": MAIL}, "is missing beside VAPID_SUBJECT"),
    ("VAPID_SUBJECT", {"VAPID_PRIVATE_KEY": VAPID}, "takes mailto:"),
    ("VAPID_SUBJECT", {"VAPID_PRIVATE_KEY": VAPID, "VAPID_SUBJECT": "it@example.ac.uk"}, "takes mailto:"),
    ("BACKUP_RECIPIENT", {"BACKUP_RECIPIENT": "age1abc"}, "takes a public key of age"),
    ("BACKUP_RECIPIENT", {"BACKUP_RECIPIENT": "AGE-SECRET-KEY-1ABC"}, "takes a public key of age"),
    ("SIGNING_P12", {"SIGNING_P12_PASSWORD": "a secret"}, "is missing beside SIGNING_P12_PASSWORD"),
    ("PUSH_TEST_ORIGIN", {"PUSH_TEST_ORIGIN": "http://127.0.0.1:9/path"}, "takes an origin"),
    ("PUSH_TEST_ORIGIN", {"PUSH_TEST_ORIGIN": "http://127.0.0.1:9", **LIVE}, "takes nothing in production"),
    ("FLASK_DEBUG", {"FLASK_DEBUG": "1", **LIVE}, "takes nothing in production"),
    ("SONOFOLIO_PROGRAMMES", {"SONOFOLIO_PROGRAMMES": "/nowhere"}, "takes a folder of programme files"),
]


@pytest.mark.parametrize(("name", "given", "says"), WRONG, ids=[f"{case[0]}-{n}" for n, case in enumerate(WRONG)])
def test_a_wrong_setting_stops_with_one_line_that_names_it(tmp_path, name, given, says):
    with pytest.raises(config.SettingError) as stop:
        config.from_environment({"SONOFOLIO_INSTANCE": str(tmp_path), **given})
    line = str(stop.value)
    assert line.startswith(f"{name}: ")
    assert says in line
    assert "\n" not in line


def test_without_any_setting_it_is_development_on_this_machine(tmp_path):
    settings = config.from_environment({"SONOFOLIO_INSTANCE": str(tmp_path)})
    assert (settings.env, settings.production) == ("development", False)
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.database_url == f"sqlite:///{tmp_path}/demo.sqlite3"
    assert settings.smtp_url == ""
    assert (settings.backup_folder, settings.backup_recipient) == (tmp_path / "backups", "")
    assert settings.queue_url == f"sqlite:///{tmp_path}/jobs.sqlite3"


def test_files_are_kept_where_the_setting_says_or_the_program_stops(tmp_path, monkeypatch):
    plain = {"SONOFOLIO_INSTANCE": str(tmp_path)}
    for url in ("", "file:///srv/sonofolio-files", "s3://bucket", "s3://bucket/a/prefix"):
        assert config.from_environment({**plain, "FILES_URL": url}).files_url == url
    (tmp_path / "no folder").write_text("")
    for url, says in (
        (f"file://{tmp_path}/no%20folder", "a folder that cannot be used"),
        ("s3://a b", "can be opened"),
    ):
        with pytest.raises(config.SettingError, match=says):
            startup_checks.open_files(config.Settings(instance=tmp_path, files_url=url))
    monkeypatch.setattr(config, "find_spec", lambda name: None)
    with pytest.raises(config.SettingError, match="wants the package obstore"):
        config.from_environment({**plain, "FILES_URL": "s3://bucket"})


def test_a_password_of_reserved_characters_is_taken_as_it_is_to_be_written(tmp_path):
    for password in ("a%23b%2Fc", "a:b@c", "100%25", "plain"):
        given = {"SONOFOLIO_INSTANCE": str(tmp_path), "SMTP_URL": f"smtp://scans:{password}@mail.example.ac.uk:587"}
        assert config.from_environment(given).smtp_url == given["SMTP_URL"]


def test_the_secret_of_a_development_machine_is_kept_for_its_owner(tmp_path):
    first = config.from_environment({"SONOFOLIO_INSTANCE": str(tmp_path)}).secret_key
    assert len(first) >= 32
    assert config.from_environment({"SONOFOLIO_INSTANCE": str(tmp_path)}).secret_key == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_production_takes_what_it_is_given(tmp_path):
    settings = config.from_environment({"SONOFOLIO_INSTANCE": str(tmp_path), **LIVE, "BASE_URL": f"{SITE}/"})
    assert settings.production
    assert settings.base_url == SITE
    assert settings.database_url == f"sqlite:///{tmp_path}/sonofolio.sqlite3"
    assert not (tmp_path / "secret_key").exists()


def test_production_may_be_tried_on_this_machine_alone(tmp_path):
    for url in ("http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"):
        assert config.from_environment({"SONOFOLIO_INSTANCE": str(tmp_path), **LIVE, "BASE_URL": url}).base_url == url


def test_the_program_itself_stops_with_that_one_line(tmp_path):
    plain = {"PATH": os.environ["PATH"], "SONOFOLIO_INSTANCE": str(tmp_path), "SONOFOLIO_ENV": "production"}
    ran = subprocess.run(
        [sys.executable, "-c", "import app; app.create_app()"],
        cwd=ROOT,
        env=plain,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.strip() == "SECRET_KEY: is required in production: at least 32 random characters"
