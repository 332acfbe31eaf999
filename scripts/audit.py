"""Ask the public lists whether anything we depend on has a known vulnerability.

    .venv/bin/python -m scripts.audit

Exit 0 when nothing is known, 1 when something is. Where the lists cannot be reached it says so and exits 0: an audit
that could not be made is told, never taken for a clean one.
"""

import json
import subprocess
import sys
from pathlib import Path

UV = Path(sys.executable).with_name("uv")
FILES = ("requirements.txt", "requirements-dev.txt")
AUDIT = (str(UV), "tool", "run", "--quiet", "pip-audit==2.9.0", "--disable-pip", "--require-hashes", "--format", "json")


def audit(file: str) -> tuple[list[str], int]:
    """The known vulnerabilities of the pins in `file`, one line each, and how many pins could be looked up."""
    ran = subprocess.run([*AUDIT, "-r", file], capture_output=True, text=True, timeout=300, check=False)
    try:
        parts = json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError):
        return [], 0
    looked_up = [part for part in parts if "skip_reason" not in part]
    known = [f"{part['name']} {part['version']}: {fault['id']}" for part in looked_up for fault in part["vulns"]]
    return known, len(looked_up)


def main() -> int:
    """Audit every requirements file; 1 when anything is known to be vulnerable."""
    worst = 0
    for file in FILES:
        try:
            known, count = audit(file)
        except (OSError, subprocess.TimeoutExpired):
            known, count = [], 0
        if known:
            worst = 1
            print(f"{file}: known vulnerabilities", *known, sep="\n  ")
        elif count:
            print(f"{file}: nothing known against {count} packages")
        else:
            print(f"{file}: NOT audited, the public lists cannot be reached from here")
    return worst


if __name__ == "__main__":
    sys.exit(main())
