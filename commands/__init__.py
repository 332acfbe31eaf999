"""What one does from the command line: `flask --app app <command>`. Exit 0 done, 1 refused or unsound, 2 misused.

One file a group of commands; each is a plain click command, named here.
"""

from flask import Flask

from commands import (
    backup,
    course,
    database,
    export_portfolio,
    failed_mail,
    notices,
    people,
    restore,
    screening,
    verify_portfolio,
    worker,
)
from demo.command import seed_demo

COMMANDS = (
    database.migrate,
    database.verify_history,
    database.check_tallies,
    database.check_files,
    backup.backup,
    restore.restore,
    people.create_director,
    people.import_people,
    course.list_people,
    course.add_person,
    course.appoint_person,
    course.dismiss_person,
    course.open_cohort,
    people.make_link,
    people.disable_person,
    people.change_person,
    people.erase_person,
    failed_mail.send_failed_mail,
    export_portfolio.export_portfolio,
    verify_portfolio.verify_portfolio,
    screening.screen_corpus,
    notices.vapid_keys,
    worker.work,
    seed_demo,
)


def init_app(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
    app.cli.add_command(worker.work, "deliver")  # its name before it did more than deliver
