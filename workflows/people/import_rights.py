"""What somebody may bring in with a file of people, or one by one: into programmes that they manage, and no further."""

from functools import cached_property

from models import Person
from rules import roles
from rules.roles import Role
from visibility import people_visible_to
from workflows.people import administration
from workflows.refusals import Invalid


class ImportRights:
    """The rights of one person. Asked of every row; an administrator names no staff and changes nobody's address, since
    who takes over an account reads what its owner reads.
    """

    def __init__(self, person: Person) -> None:
        self.rights = administration.rights_of(person.id)
        self.person = person

    @property
    def manages(self) -> frozenset[str]:
        return self.rights.manages

    @cached_property
    def people(self) -> set[int]:
        """Ids of everybody whom they manage: nobody else is named to them."""
        return {number for (number,) in people_visible_to(self.person.id).select(Person.id).tuples()}

    def check_part(self, email: str, role: Role, programme: str) -> None:
        """Raises Invalid for a part that they may not give. A placement's student is looked at there."""
        if role.scope != roles.PLACEMENT and programme not in self.manages:
            raise Invalid({"programme": ["You do not manage the people of this course."]})
        if role.scope == roles.PROGRAMME and programme not in self.rights.directs:
            says = f"Only a director makes somebody {role.name.lower()}. Leave this row to one."
            raise Invalid({"role": [says]})
        if not self.rights.directs and email == self.person.email:
            raise Invalid({"email": ["You cannot give yourself a part: ask a director."]})

    def check_change(self, person: Person) -> None:
        """Raises Invalid for somebody whose address or name they may not change by a file."""
        if not self.rights.directs or person.id not in self.people:
            says = "Only a director of their course gives somebody another address. Write the one that they have."
            raise Invalid({"previous_email": [says]})
        if why_not := administration.why_not_change(person, self.rights):
            raise Invalid({"previous_email": [why_not]})
