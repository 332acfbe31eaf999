"""Where somebody goes after signing in: a path of ours and nothing else, whatever `next` was sent."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

HOME = "/"
LONGEST = 2000
_ROUNDS = 3  # a path is looked at as often as a careless proxy might decode it


def safe_path(asked: str | None) -> str:
    """`asked` when it is a path on this very origin, else the home page.

    Refused: other schemes and hosts, `//host`, backslashes, control characters and spaces, non-ASCII, and any of these
    under one or more layers of percent-encoding in the path; also the sign-in page itself, which would go round.
    """
    if not asked or len(asked) > LONGEST or not asked.startswith("/"):
        return HOME
    path = asked.split("?")[0].split("#")[0]
    looks = [asked]
    for _ in range(_ROUNDS):
        looks.append(path)
        path = unquote(path)
    looks.append(path)
    if not all(_plain(look) for look in looks):
        return HOME
    return HOME if path.rstrip("/") in ("/sign-in", "/sign-out") else asked


def _plain(look: str) -> bool:
    if not look.isascii() or not look.isprintable() or " " in look or "\\" in look:
        return False
    if "//" in look.split("?")[0] or "/../" in f"{look.split('?')[0]}/":
        return False
    parts = urlsplit(look)
    return not parts.scheme and not parts.netloc
