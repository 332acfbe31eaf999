"""Small files of each kind that is taken, and of some that are not."""

from __future__ import annotations

import io
import zipfile
import zlib


def pdf(words: str = "A portfolio") -> bytes:
    return b"%PDF-1.7\n" + f"% {words}\n".encode() + b"trailer << >>\n%%EOF\n"


def png(width: int = 1) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + b"\0\0\0\1\x08\0\0\0\0"
    rows = zlib.compress(b"\0" * (width + 1))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0" + b"\0" * 20 + b"\xff\xd9"


def zip_bomb() -> bytes:
    """Some kilobytes that would be 50 MB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a", b"\0" * 50_000_000)
    return out.getvalue()


# What is refused -> as what it comes.
NOT_TAKEN = {
    "a script": (b"#!/bin/sh\nrm -rf /\n%PDF-1.7\n%%EOF", "certificate.pdf"),
    "a page": (b"<!doctype html><script>alert(1)</script>", "chart.png"),
    "a page behind the mark of a picture": (b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", "chart.png"),
    "a picture of letters": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "chart.svg"),
    "a file that was cut off": (pdf()[:-8], "certificate.pdf"),
    "a picture that was cut off": (png()[:-5], "chart.png"),
    "a zip bomb": (zip_bomb(), "certificate.pdf"),
    "a program": (b"MZ\x90\0" * 50, "certificate.pdf"),
    "nothing": (b"", "certificate.pdf"),
}
