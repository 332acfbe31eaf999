"""Makes the editions of portfolios that were asked for."""

from __future__ import annotations

from flask import current_app

from config import Settings
from workflows.portfolio import editions


def make_due() -> int:
    """Make what is due; returns how many were made."""
    settings: Settings = current_app.config["SONOFOLIO"]
    return editions.make_due(settings, lambda code: f"{settings.base_url}/verify/{code}")
