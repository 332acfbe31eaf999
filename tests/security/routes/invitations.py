"""Inviting somebody to a part, and joining by an invitation. `invitation` and `code` are Amara's, of a mentor."""

from __future__ import annotations

from tests.security.rows import ANYBODY, MENTORS, NOBODYS, STUDENTS, Row, only

INVITE = f"{STUDENTS} {MENTORS} dana elsewhere adam"
NEW = {"name": "Joy Mensah", "email": "joy@clinic.example.org"}
# Who mentors Amara already, and she herself, cannot accept; everybody else can, with an account or without.
ACCEPT = "tom mei limb grace helen esther ian dana elsewhere adam partless closed nobody"


def _sends(world, thing):
    if thing == "a student":
        of = {"programme": "msk-pgcert", "role": "student", "cohort": world.ids["cohort"], "site_name": "Purley"}
        return {**of, "means": "mail", **NEW}
    return {"placement": world.ids["placement of amara"], "role": "clinical_manager", "means": "mail", **NEW}


ROUTES = {
    "GET /invitations": only(INVITE),
    "GET /invitations/new": Row(INVITE, {"-": ""}),  # which placement is asked for: ASKED_FOR
    "POST /invitations": Row(
        INVITE, {"for amara": "303: amara ravi priya dana adam", "invite a student": "303: dana adam"}, _sends
    ),
    "GET /invitations/<int:number>/answer": Row(INVITE, {"invitation": "200: amara dana adam", **NOBODYS}),
    "POST /invitations/<int:number>/withdrawal": Row(INVITE, {"invitation": "303: amara dana adam", **NOBODYS}),
    "GET /join/<token>": Row(ANYBODY, {"code": f"200: {ANYBODY}", **NOBODYS}),
    "POST /join/<token>": Row(
        ANYBODY, {"code": f"303: {ACCEPT}; 403: amara ravi priya", **NOBODYS}, lambda world, thing: NEW, alike=False
    ),
    "POST /join/<token>/passkey": Row(
        ANYBODY, {"code": f"200: {ANYBODY}", **NOBODYS}, lambda world, thing: NEW, writes=""
    ),
    "GET /joined/<token>": Row(ANYBODY, {"letter": f"200: {ANYBODY}", **NOBODYS}),
    "POST /joined/<token>": Row(ANYBODY, {"letter": f"303: {ANYBODY}", **NOBODYS}),
}
FIELDS = {
    "POST /invitations": "placement programme role cohort site_name send_drafts name email means named_nobody",
    "POST /invitations/<int:number>/withdrawal": "",
    "POST /join/<token>": "name email shared credential handle",
    "POST /join/<token>/passkey": "name email",
    "POST /joined/<token>": "shared answer",
}
ASKED_FOR = [
    (
        "GET",
        "/invitations/new?placement={}",
        INVITE,
        {"placement of amara": "200: amara ravi priya dana adam", **NOBODYS},
    ),
    ("GET", "/invitations/new?programme={}", INVITE, {"the course": "200: dana adam"}),
]
