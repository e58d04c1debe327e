"""The campaign on servers of its own: ``python -m tests.faults [words for pytest]``; what ``make faults`` calls.

Killing one backend of PostgreSQL makes the whole cluster begin anew, and Redis is stopped and emptied: neither is done
to servers that anybody else uses.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    place = Path(tempfile.mkdtemp(prefix="mithaq-faults-"))
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
    environment |= {"LOCAL_PLACE": str(place), "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    services = [sys.executable, str(ROOT / "scripts" / "services.py")]
    try:
        subprocess.run([*services, "up"], env=environment, check=True)
        lines = (place / "env").read_text(encoding="utf-8").splitlines()
        environment |= dict(line.partition("=")[::2] for line in lines)
        environment |= {"FAULTS_PLACE": str(place)}
        places = [] if any(word.startswith("tests/") for word in sys.argv[1:]) else ["tests/faults"]
        options = ["-q", "-m", "faults", "--create-db", "-p", "no:xdist", *places]
        pytest = [sys.executable, "-m", "pytest", *options, *sys.argv[1:]]
        running = subprocess.Popen(pytest, cwd=ROOT, env=environment)
        # Asked to end, it ends its workers first; then the servers are stopped.
        signal.signal(signal.SIGTERM, lambda *_given: running.send_signal(signal.SIGINT))
        return running.wait()
    finally:
        subprocess.run([*services, "down"], env=environment, check=False)
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
