"""How templates are rendered and addresses made: strictly, as Flask and Jinja do it, and quickly.

A page of a cohort has two thousand values to escape, five hundred calls and a hundred addresses. What is done here once
was a fifth of its time; nothing here changes a character of it.
"""

import re
from collections.abc import MutableMapping
from functools import lru_cache
from types import BuiltinMethodType, FunctionType, MethodType, NoneType
from typing import Any

from flask import Flask, has_request_context, request
from flask.templating import Environment
from jinja2 import StrictUndefined, Template
from jinja2.runtime import Context, Macro
from markupsafe import Markup, _escape_inner, escape

from blueprints import presenters

PLAIN = (str, int, NoneType)  # what an address is made of
FUNCTIONS = (FunctionType, MethodType, BuiltinMethodType)
FLASKS = ("_anchor", "_method", "_scheme", "_external")
# A scan's, in letters that no address escapes.
NUMBER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
NOBODYS = "00000000-0000-0000-0000-000000000000"


def escaped(value: Any) -> str:
    """What `markupsafe.escape` makes of a value, as a text to be joined: it is never escaped again, so that it need not
    be an object which says so.
    """
    kind = type(value)
    if kind is str:
        return _escape_inner(value)
    if kind is Markup:
        return value
    if kind is int:
        return str(value)
    return escape(value)


class Calls(Context):
    """A context that knows at once how macros and plain functions are called; the rest it asks Jinja."""

    def call(__self, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - as Jinja has it: any name is free
        kind = type(__obj)
        if kind is not Macro and (kind not in FUNCTIONS or hasattr(__obj, "jinja_pass_arg")):
            return super().call(__obj, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return __obj(__self.eval_ctx, *args, **kwargs) if kind is Macro else __obj(*args, **kwargs)


class Compiled(Template):
    """A template that joins texts."""

    @classmethod
    def _from_namespace(
        cls, environment: Any, namespace: MutableMapping[str, Any], globals: MutableMapping[str, Any]
    ) -> Template:
        namespace["escape"] = escaped
        return super()._from_namespace(environment, namespace, globals)


class Templates(Environment):
    """Jinja's environment, in which every template shares one dictionary of globals.

    Jinja gives each template a `ChainMap` over them, so that globals could be added for one template alone, and copies
    and compares those maps at every page, include and import. Nothing here adds any.
    """

    template_class = Compiled
    context_class = Calls

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


def init_app(app: Flask) -> None:
    """Before anything has been rendered."""
    app.url_for = _remembered(app.url_for)  # type: ignore[method-assign]
    app.jinja_environment = Templates  # type: ignore[assignment]
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters |= presenters.TEMPLATE_FILTERS
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


EXTENSIONS = ("html", "txt")  # templates/pdf/ is typst's


def compile_all(app: Flask) -> None:
    """Compile every template before anybody waits for it: done at the first page of each kind it took that page, among
    others' at a start under load, half a second.
    """
    with app.app_context():
        for name in app.jinja_env.list_templates(extensions=EXTENSIONS):
            app.jinja_env.get_template(name)


def _remembered(build: Any) -> Any:
    """Flask's `url_for`, which finds an address again that it has made before under the same root. That of a scan is
    the one of any other scan with its number put in: `NOBODYS` stands there meanwhile.
    """

    @lru_cache(maxsize=8192)
    def known(root: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> list[str]:
        return build(endpoint, **dict(values)).split(NOBODYS)

    def url_for(endpoint: str, **values: Any) -> str:
        if endpoint[0] == "." or not has_request_context():
            return build(endpoint, **values)
        given, number = [], ""
        for name, one in values.items():
            if name in FLASKS and one is None:  # as Flask's own function hands them on
                continue
            if (name[0] == "_" and name != "_anchor") or type(one) not in PLAIN:
                return build(endpoint, **values)
            if type(one) is str and NUMBER(one):
                number, one = one, NOBODYS
            given.append((name, one))
        parts = known(request.root_path, endpoint, tuple(given))
        if number and len(parts) != 2:  # there are several, or somebody did say that one
            return build(endpoint, **values)
        return (number or NOBODYS).join(parts)

    return url_for
