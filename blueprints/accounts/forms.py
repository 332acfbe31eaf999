"""The forms of coming in: what is asked, not whether it is right."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, RadioField, SelectChoice
from wtforms.validators import InputRequired

from blueprints.field_limits import AtMost
from workflows.accounts import accounts, passwords
from workflows.people import people

PASSWORD = AtMost(passwords.MOST)


class SignInForm(FlaskForm):
    email = EmailField(
        "Email", [InputRequired("Write your e-mail address."), AtMost(people.MOST_EMAIL, accounts.WRONG)]
    )
    password = PasswordField(
        "Password", [InputRequired("Write your password."), AtMost(passwords.MOST, accounts.WRONG)]
    )
    shared = BooleanField("This is a shared computer")
    next = HiddenField()


class WelcomeForm(FlaskForm):
    password = PasswordField("Password", [InputRequired("Choose a password."), PASSWORD], id="new-password")
    shared = BooleanField("This is a shared computer")


class PasswordForm(FlaskForm):
    current = PasswordField("Current password", [InputRequired("Write your current password."), PASSWORD])
    new = PasswordField("New password", [InputRequired("Choose a new password."), PASSWORD])


class ThemeForm(FlaskForm):
    theme = RadioField(
        "Theme",
        choices=[SelectChoice("system", "As the device"), SelectChoice("dark", "Dark"), SelectChoice("light", "Light")],
        validate_choice=False,  # the workflow knows the words
    )
