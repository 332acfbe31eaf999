"""Passwords as they are typed: hidden, filled by managers, of any letters, and compared to the letter."""

import pytest

from models import Person
from tests.cast import PASSWORD
from tests.tree import Page
from workflows.accounts import passwords

FORMS = {
    "/sign-in": ("nobody", ["current-password"]),
    "/me": ("amara", ["current-password", "current-password", "new-password"]),  # to prove, and to change it
    "/welcome/{link}": ("nobody", ["new-password"]),
}


@pytest.mark.parametrize("path", FORMS)
def test_a_password_field_hides_what_is_typed_and_lets_a_manager_fill_it(world, path):
    who, wanted = FORMS[path]
    page = Page(world.ask(who, "GET", path.format(**world.ids)).text)
    fields = [one for one in page.elements if one.tag == "input" and "password" in str(one.get("autocomplete"))]
    assert [one.get("autocomplete") for one in fields] == wanted
    for one in fields:
        assert one.get("type") == "password"
        assert not [name for name in ("maxlength", "pattern", "readonly", "onpaste", "minlength") if one.get(name)]


@pytest.mark.parametrize("path", FORMS)
def test_a_form_with_a_password_says_whose_it_is_to_a_password_manager(world, path):
    who, _ = FORMS[path]
    page = Page(world.ask(who, "GET", path.format(**world.ids)).text)
    names = [one for one in page.elements if one.tag == "input" and "username" in str(one.get("autocomplete")).split()]
    assert len(names) == (2 if path == "/me" else 1)  # each form
    assert {one.get("type") for one in names} == {"email"}
    assert who == "nobody" or {one.get("value") for one in names} == {f"{who}@example.test"}


@pytest.mark.parametrize(
    "password",
    [
        "velvet giraffe lantern orchid",
        "VELVETGIRAFFELANTERNORCHID",
        "żółty słoń i kaczka tańczą",
        "\u4eca\u65e5\u306f\u5929\u6c17\u304c\u3044\u3044\u304b\u3089\u6563\u6b69\u3057\u307e\u3057\u3087\u3046",
        "83 71 05 92 46 60 17",
        "velvet giraffe lantern orchid " * 3,
    ],
    ids=lambda text: ascii(text)[:16],
)
def test_a_password_may_be_of_any_letters(password):
    person = Person(name="Amara Okafor", email="amara@example.test")
    assert passwords.judge(password.strip(), person) == []
    assert passwords.fits(passwords.keep(password.strip()), password.strip())


def test_a_password_is_compared_to_the_letter_from_the_first_to_the_last(world):
    others = (
        PASSWORD.upper(),
        PASSWORD + " ",
        f" {PASSWORD}",
        PASSWORD[:-1],
        PASSWORD + PASSWORD[-1],
        PASSWORD.title(),
    )
    for other in others:
        sent = {"email": "amara@example.test", "password": other}
        with world.undone():
            assert world.ask("nobody", "POST", "/sign-in", sent).status_code == 422, other
    long = "a long line of words that nobody else has written down " * 3
    kept = passwords.keep(long)
    assert passwords.fits(kept, long) and not passwords.fits(kept, long[:-1]) and not passwords.fits(kept, long[:72])
