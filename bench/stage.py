"""Pull and stage, as every pull does before anything is made of it: a process of its own to measure.

python -m bench.stage URL PAGE REQUESTS OUT
"""

import asyncio
import sys
from pathlib import Path

from yarl import URL

from rosterway.oneroster.asking import Asked, Source
from rosterway.oneroster.auth import Bearer
from rosterway.oneroster.pull import pull
from rosterway.settings.logs import configure_logs
from rosterway.settings.shape import Version

_OTHERS = ("orgs", "academicSessions", "courses", "classes", "users")


def main() -> None:
    """Pull the enrollments; 1 if they are not proven complete."""
    url, page, requests, out = sys.argv[1:]
    configure_logs(level="WARNING")
    source = Source(
        root=URL(f"{url}/ims/oneroster/v1p1"),
        version=Version.V1P1,
        auth=Bearer(token="bench"),
        max_requests=int(requests),
    )
    asked = Asked(exclude=_OTHERS, page_size=int(page))
    sys.exit(0 if asyncio.run(pull(source, asked, Path(out))).complete else 1)


if __name__ == "__main__":
    main()
