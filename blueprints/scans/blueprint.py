"""The blueprint of the scans; its routes are in `views` and `completion`."""

from flask import Blueprint

scans = Blueprint("scans", __name__)
