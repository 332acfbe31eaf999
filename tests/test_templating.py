"""What is done once instead of a thousand times changes no character of a page."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask, url_for
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError, pass_context, pass_environment, pass_eval_context
from markupsafe import Markup, escape
from werkzeug.routing import BuildError

from app import create_app
from blueprints import templating


class Bold:
    def __html__(self):
        return "<b>&</b>"


VALUES = st.one_of(
    st.text(), st.text(alphabet="<>&'\"a"), st.text().map(Markup), st.integers(), st.floats(), st.none(), st.booleans()
)


@given(VALUES)
def test_a_value_is_escaped_as_markupsafe_escapes_it(value):
    assert templating.escaped(value) == str(escape(value))


@pytest.mark.parametrize("value", [Bold(), Decimal("1.5"), ["<", 1], {"<": ">"}, str, type("Odd", (str,), {})("<odd>")])
def test_so_are_things_that_know_their_own_html_and_things_that_do_not(value):
    assert templating.escaped(value) == str(escape(value))


@pytest.fixture
def app():
    app = Flask(__name__)
    templating.init_app(app)
    return routed(app)


def routed(app):
    app.add_url_rule("/scans/<int:number>", "scan")
    app.add_url_rule("/reports/<uuid:one>", "report")
    app.add_url_rule("/of/<one>/beside/<other>", "pair")
    app.add_url_rule("/list", "list")
    return app


def test_a_page_of_everything_that_a_template_can_say_is_what_jinja_makes_of_it(app):
    plain, html = Flask(__name__), Bold()
    page = """
        {%- macro cell(value, look='') -%}
          <td class="{{ look }}">{{ value }}{{ varargs | join('&') }}{{ caller() if caller is defined else '' }}</td>
        {%- endmacro -%}
        {% set made %}<i>{{ name }}</i>{% endset %}
        {% for one in [name, 5, html, none, true, ['<']] %}{{ cell(one, name, '<', 2) }}{{ one ~ '<' }}{% endfor %}
        {% call cell(made, look=name) %}{{ name }}{% endcall %}{% filter upper %}{{ name }}{% endfilter %}
        {{ made }}{{ name | e }}{{ name | safe }}{{ '%s<' | format(name) }}{{ name.upper() }}{{ [name].index(name) }}
        {{ seen() }}{{ with_context() }}{{ with_eval() }}{{ with_environment() }}
        {% autoescape false %}{{ name }}{% endautoescape %}
    """
    answers = []
    for one in (app, plain):
        one.jinja_env.globals |= {
            "seen": lambda: "<seen>",
            "with_context": pass_context(lambda context: context["name"]),
            "with_eval": pass_eval_context(lambda context: str(context.autoescape)),
            "with_environment": pass_environment(lambda environment: environment.block_start_string),
        }
        template = one.jinja_env.from_string(page)
        answers.append("".join(template.render(name="<Amara & Tom>", html=html).split()))
    assert answers[0] == answers[1]


def test_what_a_template_does_not_know_is_an_error(app):
    with pytest.raises(UndefinedError):
        app.jinja_env.from_string("{{ nobody }}").render()


@pytest.mark.parametrize(
    "asked",
    [
        {"number": 1},
        {"number": 1, "q": "<a b>&"},
        {"number": 1, "show": ["a", "b"]},
        {"number": 1, "show": None},
        {"number": 1, "back": ""},
        {"number": 1, "_anchor": "story"},
        {"number": 1, "_external": True},
        {"number": "1"},
        {"number": 1, "yes": True},
    ],
)
def test_an_address_is_what_flask_makes_of_it_the_first_time_and_the_second(app, asked):
    plain = Flask(__name__)
    plain.add_url_rule("/scans/<int:number>", "scan")
    for root in ("", "/sonofolio"):
        with plain.test_request_context("/", environ_overrides={"SCRIPT_NAME": root}):
            expected = url_for("scan", **asked)
        for _ in range(2):
            with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": root}):
                assert url_for("scan", **asked) == expected


def test_values_in_another_order_or_of_another_kind_have_their_own_address(app):
    with app.test_request_context():
        assert url_for("list", a=1, b=2) == "/list?a=1&b=2"
        assert url_for("list", b=2, a=1) == "/list?b=2&a=1"
        assert url_for("list", a="1", b=True) == "/list?a=1&b=True"
        assert url_for("list", a=1, b=1) == "/list?a=1&b=1"


AMARAS, TOMS, NOBODYS = (f"{start}-1111-4222-8333-abcdefabcdef" for start in ("0a1b2c3d", "ffffffff", "00000000"))
NUMBERS = (AMARAS, TOMS, NOBODYS, templating.NOBODYS, AMARAS.upper(), f"{AMARAS}\n", AMARAS[:-1])


@pytest.mark.parametrize(
    ("endpoint", "asked"),
    [
        ("report", lambda one: {"one": one}),
        ("report", lambda one: {"one": one, "back": f"/scans/{templating.NOBODYS}"}),
        ("report", lambda one: {"one": one, "then": AMARAS}),
        ("report", lambda one: {"one": one, "_anchor": "story"}),
        ("report", lambda one: {"one": one, "_anchor": AMARAS}),
        ("list", lambda one: {"q": "a", "_anchor": one}),
        ("list", lambda one: {"q": one, "_anchor": "<b> & é"}),
        ("report", lambda one: {"then": one, "one": TOMS}),
        ("pair", lambda one: {"one": one, "other": "<b> &"}),
        ("pair", lambda one: {"other": one, "one": "a/b"}),
        ("pair", lambda one: {"one": one, "other": one}),
        ("pair", lambda one: {"other": AMARAS, "one": one}),
        ("list", lambda one: {"q": one, "r": None, "p": 2}),
    ],
)
def test_the_address_of_each_scan_is_what_flask_makes_of_it(app, endpoint, asked):
    plain = routed(Flask(__name__))

    def of(app, one):
        with app.test_request_context("/"):
            try:
                return url_for(endpoint, **asked(one))
            except BuildError as error:
                return str(error)

    for one in (*NUMBERS, *reversed(NUMBERS)):
        assert of(app, one) == of(plain, one)


def test_the_address_of_a_second_scan_is_found_by_that_of_the_first(app, monkeypatch):
    with app.test_request_context("/"):
        assert url_for("report", one=AMARAS) == f"/reports/{AMARAS}"
        monkeypatch.setattr("werkzeug.routing.map.MapAdapter.build", None)  # nothing can be built any more
        assert url_for("report", one=TOMS) == f"/reports/{TOMS}"
        assert app.jinja_env.from_string("{{ url_for('report', one=one) }}").render(one=AMARAS) == f"/reports/{AMARAS}"


@pytest.mark.parametrize("by_command", [False, True])
@pytest.mark.slow
def test_a_server_has_compiled_every_template_before_it_answers_and_a_command_waits_for_none(
    tmp_path, monkeypatch, by_command
):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/kept.sqlite3")
    monkeypatch.setenv("SONOFOLIO_ENV", "development")
    monkeypatch.delenv("FLASK_RUN_FROM_CLI", raising=False)
    if by_command:
        monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
    made = create_app()
    compiled = {name for _, name in made.jinja_env.cache.keys()}  # noqa: SIM118 - jinja's cache is no dict
    assert (compiled >= set(made.jinja_env.list_templates(templating.EXTENSIONS))) is not by_command
