"""Files that people send: where one is taken, from whom, how large, of what kind. Tried on the register's checklist."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import io
import tempfile
from contextlib import closing
from types import SimpleNamespace

import pytest

import asgi
import wsgi_adapter
from blueprints import uploads
from models import Evidence, File
from tests import asgi_client
from tests.faults import ground as grounds
from tests.portfolio import samples
from tests.portfolio.test_files import in_folder
from workflows import atomic_file

MB = 1024 * 1024
ITEM = "/portfolio/register/certificate"
BOUNDARY = "b0undary"


def form(content: bytes, name: str = "certificate.pdf", **fields: str) -> dict:
    return {"file": (io.BytesIO(content), name), "shows_nobody": "y", **fields}


def multipart(content: bytes, **fields: str) -> bytes:
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}' for name, value in fields.items()]
    head = "".join(f"--{BOUNDARY}\r\n{part}\r\n" for part in parts)
    head += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="x.pdf"\r\n\r\n'
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def post_large(client, content: bytes):
    """As a client's own form, which would leave a temporary file open."""
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return client.post(ITEM, multipart(content, shows_nobody="y"), content_type=kind)


@pytest.fixture
def amara(cast, browse):
    return browse(cast.amara)


def test_what_is_not_taken_is_told_beside_its_field_and_nothing_of_it_is_kept(amara, tmp_path):
    for what, (content, name) in samples.NOT_TAKEN.items():
        answer = amara.post(ITEM, form(content, name))
        assert answer.status_code == 422, what
        assert 'id="file-certificate-error"' in answer.text, what
    many = {name: (io.BytesIO(b""), "x") for name in ("file", "other")}
    for sent in ({"shows_nobody": "y"}, {**form(b"", ""), "shows_nobody": "y"}, many):
        assert amara.post(ITEM, sent).status_code == 422
    assert "no PDF, PNG or JPEG file" in amara.post(ITEM, form(b"%PDF, not"), json=True).json["problems"]["file"][0]
    assert in_folder(tmp_path) == [] and not File.select().exists()


def test_too_large_a_file_is_told_with_how_large_one_may_be(amara, tmp_path):
    somewhat, far = (post_large(amara, samples.pdf("x" * size * MB)) for size in (10, 12))
    assert (somewhat.status_code, far.status_code) == (422, 413)
    for answer in (somewhat, far):
        assert "A file may have at most 10 MB. Choose a smaller one." in answer.text
    assert in_folder(tmp_path) == []
    assert post_large(amara, samples.pdf("x" * (10 * MB - 100))).status_code == 303


def test_a_file_is_refused_where_none_is_taken_and_from_whom_it_is_not(amara, cast, browse, tmp_path):
    assert amara.post("/me/theme", {**form(samples.pdf()), "theme": "dark"}).status_code == 400
    assert browse(cast.ravi).post(ITEM, form(samples.pdf())).status_code == 403
    assert browse(None).post(ITEM, form(samples.pdf())).location.startswith("/sign-in")
    forged = amara.http.post(ITEM, data=form(samples.pdf()))
    assert forged.status_code == 400 and "out of date" in forged.text
    elsewhere = amara.post(ITEM, form(samples.pdf()), headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403
    other = amara.post(ITEM, form(samples.pdf(), kept_for=str(cast.tom.id)))
    assert other.status_code == 403 and "Somebody else" in other.text
    assert amara.post(ITEM, form(samples.pdf(), **{f"a{n}": "1" for n in range(600)})).status_code == 413
    assert in_folder(tmp_path) == []


def test_a_disk_that_is_full_is_told_and_nothing_is_left(amara, tmp_path, monkeypatch):

    def full(*given):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(atomic_file.os, "fsync", full)
        answer = amara.post(ITEM, form(samples.pdf()))
        assert answer.status_code == 507 and "There is no room left to save this" in answer.text
    with monkeypatch.context() as patch:  # while it comes in: beyond half a megabyte it is put on the disk
        patch.setattr(tempfile.SpooledTemporaryFile, "rollover", lambda self: (self.close(), full()))
        assert post_large(amara, samples.pdf("x" * MB)).status_code == 507
    assert in_folder(tmp_path) == [] and not Evidence.select().exists()
    assert amara.post(ITEM, form(samples.pdf())).status_code == 303


def test_a_file_that_is_missing_is_told_and_no_answer_is_a_fault(amara, tmp_path):
    amara.post(ITEM, form(samples.pdf()))
    (path,) = in_folder(tmp_path)
    path.unlink()
    for address in (f"/portfolio/register/files/{Evidence.get().id}", "/portfolio/register.zip"):
        answer = amara.get(address)
        assert answer.status_code == 503 and "is missing or damaged" in answer.text
    assert amara.get("/portfolio/register").status_code == 200


def test_a_file_is_saved_and_never_opened_as_a_page_of_ours(amara):
    content = samples.png()
    amara.post(ITEM, form(content, "<script>.html"))
    address = f"/portfolio/register/files/{Evidence.get().id}"
    answer = amara.get(address)
    assert answer.data == content
    expected = {
        "Content-Type": "image/png",
        "Content-Disposition": 'attachment; filename="CASE accredited certificate.png"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
        "Content-Length": str(len(content)),
    }
    assert {name: answer.headers[name] for name in expected} == expected
    again = amara.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


# --- The server (asgi.py) ----------------------------------------------------------------------------------------


class Counted:
    """Parts of a body, and how many of them were taken."""

    def __init__(self, body: bytes, size: int = 256 * 1024) -> None:
        self.parts = [body[at : at + size] for at in range(0, len(body), size)]
        self.taken = 0

    async def receive(self) -> dict:
        if self.taken == len(self.parts):
            return await asyncio.Future()
        self.taken += 1
        more = self.taken < len(self.parts)
        return {"type": "http.request", "body": self.parts[self.taken - 1], "more_body": more}


def ask(client, body: Counted | None = None, path: str = ITEM, length: int = 0, method: str = "POST", **headers: str):
    """One request through the server's own application: its status, its headers, and the pieces of the answer."""
    sent: list[dict] = []

    async def send(message: dict) -> None:
        sent.append(message)

    token = client.token()  # which is kept in the cookie
    given = {"cookie": f"sonofolio={client.http.get_cookie('sonofolio').value}", "x-csrftoken": token, **headers}
    if body:
        given["content-type"] = f"multipart/form-data; boundary={BOUNDARY}"
        given["content-length"] = str(length or sum(map(len, body.parts)))
    pairs = [(name.encode(), value.encode()) for name, value in given.items()]
    scope = {"type": "http", "method": method, "raw_path": path.encode(), "query_string": b"", "http_version": "1.1"}
    scope |= {"scheme": "http", "server": ("localhost", 80), "client": ("127.0.0.1", 1), "headers": pairs}
    server = asgi.serve(client.app)
    asgi_client.run(server(scope, body.receive if body else Counted(b"").receive, send))
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told, [message["body"] for message in sent[1:]]


@pytest.fixture
def spooled(monkeypatch):
    """The temporary files that the server has made for bodies."""
    made = []
    real = tempfile.TemporaryFile
    monkeypatch.setattr(asgi, "tempfile", SimpleNamespace(TemporaryFile=lambda: made.append(real()) or made[-1]))
    return made


def test_the_server_takes_a_large_form_onto_the_disk_and_gives_a_large_file_in_pieces(amara, spooled, tmp_path):
    content = samples.pdf("x" * 3 * MB)
    body = Counted(multipart(content, shows_nobody="y"))
    status, headers, _ = ask(amara, body)
    assert (status, headers["location"]) == (303, "/portfolio/register#certificate")
    assert len(spooled) == 1 and spooled[0].closed
    status, headers, pieces = ask(amara, path=f"/portfolio/register/files/{Evidence.get().id}", method="GET")
    assert status == 200 and b"".join(pieces) == content
    assert len(pieces) > 20 and max(map(len, pieces)) <= 64 * 1024
    status, _, pieces = ask(amara, path="/portfolio/register.zip", method="GET")
    assert status == 200 and len(pieces) > 20
    # A form of the usual size makes no file.
    assert ask(amara, Counted(multipart(samples.pdf(), shows_nobody="y")))[0] == 303
    assert len(spooled) == 1


def test_the_server_keeps_nothing_of_a_large_form_that_its_sender_may_not_send(amara, cast, browse, spooled):
    body = multipart(samples.pdf("x" * 3 * MB), shows_nobody="y")
    for client, status, says in (
        (browse(None), 303, ""),
        (browse(cast.ravi), 403, "somebody else"),
    ):
        sent = Counted(body)
        answer = ask(client, sent)
        assert answer[0] == status and says in b"".join(answer[2]).decode()
        assert sent.taken == len(sent.parts), "a browser that is still sending would not read the answer"
    forged = ask(amara, Counted(body), **{"sec-fetch-site": "cross-site"})
    assert forged[0] == 403
    nowhere = Counted(body)
    for path in ("/scans", "/nowhere", "/portfolio/register", "/%ff"):
        status, _, _ = ask(amara, nowhere, path=path)
        assert (status, nowhere.taken) == (413, 0), "what takes no file reads no byte of it"
    assert spooled == []


def test_the_server_says_how_large_a_file_may_be_and_takes_no_endless_one(amara, spooled):
    some, endless = Counted(b"x" * 12 * MB), Counted(b"x" * MB)
    status, _, pieces = ask(amara, some)
    assert status == 413 and "at most 10 MB" in b"".join(pieces).decode()
    assert some.taken == len(some.parts)
    assert ask(amara, endless, length=10**12)[0] == 413
    assert spooled == []
    longer = Counted(multipart(samples.pdf("x" * 2 * MB)))
    assert ask(amara, longer, length=2 * MB + 1)[0] == 400, "more comes than was announced"


def test_the_server_takes_few_large_forms_at_once_and_tells_a_full_disk(amara, monkeypatch):
    body = multipart(samples.pdf("x" * 2 * MB), shows_nobody="y")
    with monkeypatch.context() as patch:
        patch.setattr(asgi, "FILES_AT_ONCE", 0)
        status, headers, _ = ask(amara, Counted(body))
        assert status == 503 and headers["retry-after"]

    def full():
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(asgi, "tempfile", SimpleNamespace(TemporaryFile=full))
    status, _, pieces = ask(amara, Counted(body))
    assert status == 507 and "no room left" in b"".join(pieces).decode()


def test_an_answer_that_breaks_off_is_ended(amara):
    ended = []

    class Parts:
        def __iter__(self):
            yield b"one"
            raise OSError(5, "the disk does not answer")

        def close(self):
            ended.append(True)

    pieces = wsgi_adapter.Pieces(Parts())
    assert pieces.next() == b"one"
    with pytest.raises(OSError):
        pieces.next()
    pieces.close()
    assert ended == [True]


@pytest.mark.sqlite
@pytest.mark.slow
def test_nine_megabytes_go_up_and_come_down_through_the_real_server(databases, tmp_path):
    from scripts.demo_server import serve

    made = grounds.prepare(tmp_path, databases.fresh(tmp_path))
    content = samples.pdf("x" * 9 * MB)
    with serve(made.env, workers=1):
        phone = made.phone(made.cast.amara)
        headers = {"Cookie": phone.cookie, "X-CSRFToken": phone.csrf, "Accept": "text/html"}
        with closing(http.client.HTTPConnection(phone.address, timeout=30)) as line:
            kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
            line.request("POST", ITEM, multipart(content, shows_nobody="y"), {**headers, **kind})
            answer = line.getresponse()
            assert answer.status == 303
        with closing(http.client.HTTPConnection(phone.address, timeout=30)) as line:
            line.request("POST", ITEM, b"x" * 12 * MB, {**headers, **kind})
            answer = line.getresponse()
            assert answer.status == 413 and b"at most 10 MB" in answer.read()
        with made.app.extensions["database"].connection_context():
            number = Evidence.get().id
        with closing(http.client.HTTPConnection(phone.address, timeout=30)) as line:
            line.request("GET", f"/portfolio/register/files/{number}", headers=headers)
            answer = line.getresponse()
            assert answer.status == 200 and int(answer.headers["Content-Length"]) == len(content)
            assert hashlib.sha256(answer.read()).digest() == hashlib.sha256(content).digest()
    made.app.extensions["database"].close_all()


def test_a_view_that_takes_files_names_kinds_that_there_are():
    with pytest.raises(ValueError, match="no kinds of rules/file_kinds.py"):
        uploads.takes_files(mb=1, kinds=("text/html",))
