"""Pieces of pages that are kept: one that would look as it did is not drawn again.

Lists are opened again and again, and of their rows one or two have changed. What a piece shows is compared each time,
all of it, so what is kept never stands in for another piece, another person's or another minute's.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import current_app, request
from markupsafe import Markup

from blueprints.assets import assets


class _Look:
    """What a piece shows, and what its template makes it of; equal to another that shows the same."""

    __slots__ = ("shows", "values")

    def __init__(self, shows: tuple, values: dict[str, Any]) -> None:
        self.shows, self.values = shows, values

    def __hash__(self) -> int:
        return hash(self.shows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Look) and self.shows == other.shows


class Kept:
    """The pieces that one template draws, so many of them kept as they were drawn last:

        row = Kept("cohort/_row.html", most=1024)
        row((one.name, one.today, id(one.progress)), one=one)

    The first argument is everything on which the piece depends. An object that never changes may be named by its `id`,
    if it is among the values or they hold it: they are kept with the piece, so that the number is nobody else's.
    """

    def __init__(self, template: str, most: int) -> None:
        self.template = template
        self._drawn = lru_cache(maxsize=most)(self._draw)

    def __call__(self, shows: tuple, **values: Any) -> Markup:
        """The piece as HTML. Where its links lead and which static files it names count as shown; while templates are
        being worked on nothing is kept.
        """
        look = _Look((request.root_path, assets().changed(), *shows), values)
        return self._draw(look) if current_app.jinja_env.auto_reload else self._drawn(look)

    def _draw(self, look: _Look) -> Markup:
        return current_app.jinja_env.get_template(self.template).make_module(look.values).__html__()
