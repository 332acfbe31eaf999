"""An invitation is good once, also for people who accept it, withdraw it or take it over at the same moment."""

from __future__ import annotations

from collections import Counter

from models import Enrolment, Invitation, Letter, Party, Person, Placement
from tests.cast import logged
from tests.faults.ground import rounds
from workflows.notices import letters
from workflows.people import invitations, joining, take_over
from workflows.people.joining import Browser
from workflows.refusals import Refused
from workflows.reviews import reviews

ROUNDS = rounds(8, 300)


def place_of(student: Person) -> int:
    return Placement.select(Placement.id).join(Enrolment).where(Enrolment.person == student).scalar()


def test_of_three_who_accept_at_once_one_has_the_part(cast, at_once):
    for number in range(ROUNDS):
        token = invitations.invite(cast.amara, "mentor", placement=place_of(cast.amara))[1]
        before = Party.select().count()

        def accept(name: str, token: str = token, number: int = number):
            return joining.accept_new(
                token, name=f"{name} {number}", email=f"{name}{number}@example.org", browser=Browser()
            )

        answers = at_once(lambda: accept("Joy"), lambda: accept("Kim"), lambda: accept("Lee"))
        assert Counter(isinstance(answer, Refused) for answer in answers) == {True: 2, False: 1}
        assert Party.select().count() == before + 1
        assert Person.select().where(Person.name.endswith(f" {number}")).count() == 1, "who lost has no account"


def test_an_invitation_is_accepted_or_withdrawn_never_both(cast, at_once):
    won = Counter()
    for number in range(ROUNDS):
        made, token = invitations.invite(cast.amara, "mentor", placement=place_of(cast.amara))
        actions = [
            lambda token=token, number=number: joining.accept_new(
                token, name=f"Joy {number}", email=f"joy{number}@example.org", browser=Browser()
            ),
            lambda made=made: invitations.withdraw(made.id, by=cast.amara),
        ]
        answers = at_once(*actions) if number % 2 else at_once(*reversed(actions))[::-1]
        kept = Invitation.get_by_id(made.id)
        assert (kept.accepted_at is None) != (kept.withdrawn_at is None)
        assert isinstance(answers[0], Refused) == (kept.accepted_at is None)
        won["accepted" if kept.accepted_at else "withdrawn"] += 1
    assert won.total() == ROUNDS


def test_an_approval_that_races_with_the_take_over_never_stands(cast, at_once):
    for number in range(ROUNDS):
        code = invitations.invite(cast.tom, "mentor", placement=place_of(cast.tom))[1]
        joining.accept_new(code, name=f"Shadow {number}", email="grace@example.test", browser=Browser())
        shadow = Person.get(Person.name == f"Shadow {number}")
        letter = Letter.select().order_by(Letter.id.desc()).first()
        link, scan = letters.take(letter.id).words["token"], logged(cast.tom, shadow)
        at_once(
            lambda scan=scan, shadow=shadow: reviews.approve(scan.id, by=shadow, version=1),
            lambda link=link: take_over.use(link, browser=Browser()),
        )
        kept = type(scan).get_by_id(scan.id)
        assert kept.approved_by_id is None and kept.mentor == cast.grace
