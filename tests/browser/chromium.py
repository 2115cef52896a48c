"""What the tests with a browser have in common: the packages that drive it, and a folder for pictures."""

import fcntl
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
WORK = pathlib.Path(os.environ["IMAGES"].split(":")[0]).parent / "browser"


def ready():
    """A folder with the packages of package-lock.json and the scripts beside them, and one for screenshots."""
    for tool in ("npm", "node", "chromium"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is not installed: cmake/setup.sh installs it")
    pictures = WORK / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    with open(WORK / "lock", "w") as lock_file:  # several tests may begin at once
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        for source in HERE.iterdir():
            if source.suffix in (".mjs", ".json"):
                shutil.copy(source, WORK)
        lock = (WORK / "package-lock.json").read_bytes()
        done = WORK / "installed"
        if not done.exists() or done.read_bytes() != lock:
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=WORK, check=True)
            done.write_bytes(lock)
    return WORK, pictures
