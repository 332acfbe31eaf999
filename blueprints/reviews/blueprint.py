"""The feature's blueprint, to which both files of views add their routes."""

from flask import Blueprint

reviews = Blueprint("reviews", __name__)
