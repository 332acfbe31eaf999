"""How the demo course is known again, so that no real course is run on it: everybody's password in it is published."""

from models import History, Person

DOMAIN = "@demo.sonofolio.test"
SEEDED = "seed_demo"  # the verb of the line of history that the seed writes; it stays when people get other names


def is_demo(email: str | None) -> bool:
    """Whether this is the address of a person of the demo course; somebody without a proved address is none."""
    return (email or "").lower().endswith(DOMAIN)


def is_here() -> bool:
    """Whether this database was filled with the demo course, or holds anybody of it. One without tables was not."""
    if not Person.table_exists():
        return False
    seeded = History.table_exists() and History.select(History.seq).where(History.verb == SEEDED).exists()
    return seeded or Person.select(Person.id).where(Person.email.endswith(DOMAIN)).exists()
