"""What every test may ask for."""

import os
import shutil
import signal

import pytest
from hypothesis import settings

# What a busy machine takes its time for is no failure; speed is the bench's to judge.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

# A shell that starts the tests in its background has them ignore Ctrl-C, and every command they
# start inherits that; the commands under test are started as a person would start them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

#: A peer by name -> the programs it needs.
PEERS = {
    "lftp": ("lftp",),
    "sftp": ("sftp", "ssh-keygen"),
    "sshd": ("/usr/sbin/sshd",),
    "chromium": ("chromium",),
}


def pytest_collection_modifyitems(items):
    """Skip, by name, a test whose peer is missing; in CI let it fail instead."""
    for item in items:
        for mark in item.iter_markers("peer"):
            missing = [p for name in mark.args for p in PEERS[name] if not shutil.which(p)]
            if missing and not os.environ.get("CI"):
                item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(missing)}"))
