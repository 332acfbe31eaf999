"""Every table, gathered from `tables/`: columns, constraints, indexes. Who may see which rows: `visibility`.

Instants (`..._at`) are UTC, stored as whole microseconds; days (`..._on`) are those of the programme's time zone.
"""

from tables.course import Absence, Cohort, Confirmation, Contact, Enrolment, Staff
from tables.fields import EPOCH, INSTANT, InstantField, db
from tables.history import History
from tables.notices import UNREAD, FailedMail, Letter, Notice
from tables.people import MEANS, Address, Attempt, Link, Passkey, Person, SignIn, SpentChallenge, Subscription
from tables.placements import Invitation, Machine, Party, Placement, Site
from tables.portfolio import Earlier, EarlierBatch, Edition, Evidence, File, Share, Wish
from tables.scans import Audit, Hiding, Move, Scan
from tables.tallies import Answered, CountedDay, Tally

TABLES = [
    *(Person, Address, Passkey, SpentChallenge, SignIn, Subscription, Attempt, Link),
    *(Cohort, Staff, Enrolment, Absence, Confirmation, Contact),
    *(Site, Machine, Placement, Party, Invitation),
    *(Scan, Audit, Move, Hiding, Notice, Letter, FailedMail),
    *(File, Edition, Share, EarlierBatch, Earlier, Evidence, Wish),
    *(History, Tally, CountedDay, Answered),
]
