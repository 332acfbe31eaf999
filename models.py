"""Every table, gathered from `tables/`: columns, constraints, indexes. Who may see which rows: `visibility`.

Instants (`..._at`) are UTC, stored as whole microseconds; days (`..._on`) are those of the programme's time zone.
"""

from tables.course import Cohort, Contact, Enrolment, Staff
from tables.fields import EPOCH, InstantField, db
from tables.history import History
from tables.notices import UNREAD, FailedMail, Notice
from tables.people import Attempt, Link, Person, SignIn, Subscription
from tables.placements import Machine, Party, Placement, Site
from tables.portfolio import Earlier, EarlierBatch, Edition, Evidence, File, Share, Wish
from tables.scans import Audit, Move, Scan
from tables.tallies import Answered, CountedDay, Tally

TABLES = [
    *(Person, SignIn, Subscription, Attempt, Link),
    *(Cohort, Staff, Enrolment, Contact),
    *(Site, Machine, Placement, Party),
    *(Scan, Audit, Move, Notice, FailedMail),
    *(File, Edition, Share, EarlierBatch, Earlier, Evidence, Wish),
    *(History, Tally, CountedDay, Answered),
]
