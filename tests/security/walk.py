"""Going through the house as one person: every page and piece that they can come to."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urldefrag, urljoin, urlsplit

from werkzeug.test import TestResponse

from tests.security.table import TABLE, answers
from tests.security.world import World, path_to
from tests.tree import Page

AT_MOST = 180  # addresses of one person; more means that links multiply


def doors(world: World, who: str) -> list[str]:
    """Every address that the table opens to this person."""
    found = []
    for route, row in TABLE.items():
        method, rule = route.split()
        for thing in row.finds if method == "GET" else ():
            if answers(row, thing, [who])[who] == 200:
                found.append(path_to(world, rule, thing)[0])
    return found


def walk(world: World, who: str, starts: list[str] | None = None) -> Iterator[tuple[str, TestResponse, Page | None]]:
    """Open all doors and follow every link found behind them; address, answer, and the page where it is HTML."""
    waiting = list(starts if starts is not None else doors(world, who))
    seen = set()
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        assert len(seen) <= AT_MOST, f"{who} has come to {AT_MOST} addresses: do links multiply? The last: {path}"
        answer = world.ask(who, "GET", path)
        page = Page(answer.text) if answer.mimetype == "text/html" and answer.status_code == 200 else None
        yield path, answer, page
        if page:
            asked = [element.get("hx-get") for element in page.elements if element.get("hx-get")]
            links = [urldefrag(urljoin(path, link)).url for link in [*page.links, *page.queries, *asked]]
            waiting += [link for link in links if urlsplit(link).query.count("=") < 2]  # filters, each for itself
        elif answer.status_code in (302, 303):
            waiting.append(answer.headers["Location"])
