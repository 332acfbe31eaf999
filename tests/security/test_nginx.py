"""The proxy of docs/nginx.conf in front of the real server: it works, and what is slow or silent ends there."""

from __future__ import annotations

import http.client
import shutil
import ssl
import subprocess
import time
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config import ROOT
from scripts.demo_server import free_port, serve
from tests.security.wire import POST, Wire

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = [
    pytest.mark.sqlite,
    pytest.mark.skipif(NGINX is None, reason="no nginx here (Debian, Ubuntu: apt-get install nginx-light)"),
]
CONF = """
daemon off; pid {folder}/pid; error_log stderr warn;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/site.conf;
}}
"""


def certificate(folder: Path) -> tuple[Path, Path]:
    """A key and a certificate that it has signed itself."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    pem, secret = folder / "pem", folder / "key"
    pem.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return pem, secret


@contextmanager
def nginx(folder: Path, behind: int):
    """nginx as documented, in front of this port; yields its own port, which speaks TLS, and one that does not."""
    pem, key = certificate(folder)
    port, bare = free_port(), free_port()
    site = (ROOT / "docs" / "nginx.conf").read_text()
    for documented, here in {
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2; listen 127.0.0.1:{bare};",
        "127.0.0.1:8000": f"127.0.0.1:{behind}",
        "/etc/ssl/scans.example.ac.uk.pem": str(pem),
        "/etc/ssl/scans.example.ac.uk.key": str(key),
    }.items():
        assert documented in site
        site = site.replace(documented, here)
    (folder / "site.conf").write_text(site)
    (folder / "nginx.conf").write_text(CONF.format(folder=folder))
    with subprocess.Popen([NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")]) as process:
        try:
            for _ in range(1000):
                assert process.poll() is None
                with suppress(OSError), Wire(f"127.0.0.1:{bare}").open():
                    break
                time.sleep(0.02)
            yield port, bare
        finally:
            process.terminate()


def ask(port: int, path: str) -> int:
    """The status of a page, over TLS."""
    line = http.client.HTTPSConnection("127.0.0.1", port, context=ssl._create_unverified_context(), timeout=60)
    with closing(line):
        line.request("GET", path)
        return line.getresponse().status


def established(port: int) -> int:
    """Connections that a server on this port holds."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == "01" for row in rows)


def test_the_documented_proxy_serves_and_keeps_slow_clients_to_itself(ground, tmp_path):
    with serve(ground.env | {"TRUST_PROXY": "1"}) as server, nginx(tmp_path, int(ground.env["PORT"])) as (port, bare):
        assert ask(port, "/sign-in") == 200
        assert ask(port, "/healthz") == 200
        with Wire(f"127.0.0.1:{bare}").silent(50, POST + b"Content-Length: 1000\r\n\r\nemail=a", POST + b"Host: x"):
            assert ask(port, "/sign-in") == 200
            assert established(int(ground.env["PORT"])) == 0
        assert "rror" not in server.log
