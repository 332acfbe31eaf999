"""F7: the same id with other content. The first is kept, the answer names it, and nothing is overwritten."""

from __future__ import annotations

from models import Scan


def test_the_same_id_with_other_content_keeps_the_first_and_says_so_and_tells_a_stranger_nothing(ground, running):
    cast = ground.cast
    phone = ground.phone(cast.amara)
    number, status, first = phone.log(cast.ravi)
    assert status == 201
    assert phone.log(cast.ravi, number)[1:] == (201, first), "a resend is answered as the first time"

    _, status, answer = phone.log(cast.ravi, number, side="left")
    assert status == 409
    assert number in (answer.get("scan_id"), answer.get("id"))
    assert answer["message"]
    assert ground.reckon({number}) == 1
    with ground.app.extensions["database"].connection_context():
        assert Scan.get_by_id(number).side == "right"

    _, status, answer = ground.phone(cast.mei).log(cast.grace, number)
    assert status == 404
    assert "shoulder" not in str(answer)
