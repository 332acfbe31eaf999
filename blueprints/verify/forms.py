"""What is asked to verify an edition, and to share one."""

from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField

from workflows.portfolio.shares import MOST_LABEL
from workflows.portfolio.verification import Asked, read_code, read_sha256, read_size


class VerifyForm(FlaskForm):
    """Asked by GET, so without a token. What a page of ours found in a file comes with it: see static/verify.js."""

    class Meta:
        csrf = False

    code = StringField("Code")
    sha256 = StringField("SHA-256 of the file")
    inside = StringField()
    size = StringField()
    ended = StringField()

    @property
    def is_empty(self) -> bool:
        return not (_text(self.code) or _text(self.sha256))

    def asked(self) -> Asked | None:
        """What is asked; None, with the reason beside its field, when that cannot be read."""
        code, sha256 = read_code(_text(self.code)), read_sha256(_text(self.sha256))
        if _text(self.code) and not code:
            self.code.errors = ["A code has ten letters and digits, such as 7KQ2M-9XA4D. Look at it again."]
        if _text(self.sha256) and not sha256:
            self.sha256.errors = ["A SHA-256 has 64 letters and digits: 0 to 9 and a to f."]
        if self.code.errors or self.sha256.errors:
            return None
        inside = read_code(_text(self.inside))
        return Asked(code, sha256, inside, read_size(_text(self.size)), _text(self.ended) != "no")


def _text(field: StringField) -> str:
    return (field.data or "").strip()


class ShareForm(FlaskForm):
    """For whom and how long. What may not be, the workflow says."""

    label = StringField("Whom or what is it for?", render_kw={"maxlength": MOST_LABEL})
    days = IntegerField("Days that it works")
