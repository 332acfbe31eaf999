"""The forms of signing in and of one's own page, and where a sign-in may lead."""

from urllib.parse import unquote, urlsplit

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, RadioField, SelectChoice, StringField
from wtforms.validators import InputRequired

from blueprints.field_limits import AtMost
from workflows.accounts import accounts, passwords
from workflows.people import people

PASSWORD = AtMost(passwords.MOST, attribute=False)
HOME = "/"
LONGEST = 2000
_ROUNDS = 3  # a path is looked at as often as a careless proxy might decode it


class SharedForm(FlaskForm):
    shared = BooleanField("This is a shared computer")


class SignInForm(SharedForm):
    email = EmailField(
        "Email", [InputRequired("Write your e-mail address."), AtMost(people.MOST_EMAIL, accounts.WRONG)]
    )
    password = PasswordField(
        "Password", [InputRequired("Write your password."), AtMost(passwords.MOST, accounts.WRONG, attribute=False)]
    )
    next = HiddenField()


class WelcomeForm(SharedForm):
    password = PasswordField("Password", [InputRequired("Choose a password."), PASSWORD], id="new-password")


class CodeForm(SharedForm):
    code = StringField("Code from the letter", [InputRequired("Write the six digits of the letter."), AtMost(20)])


class PasswordForm(FlaskForm):
    current = PasswordField("Current password", [InputRequired("Write your current password."), PASSWORD])
    new = PasswordField("New password", [InputRequired("Choose a new password."), PASSWORD])


class ThemeForm(FlaskForm):
    theme = RadioField(
        "Theme",
        choices=[SelectChoice("system", "As the device"), SelectChoice("dark", "Dark"), SelectChoice("light", "Light")],
        validate_choice=False,  # the workflow knows the words
    )


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


class JoinForm(SharedForm):
    """Who somebody new is, who joins by an invitation."""

    name = StringField("Your name", render_kw={"maxlength": people.MOST_NAME})
    email = EmailField("Email", render_kw={"maxlength": people.MOST_EMAIL})
