"""Runs one command and prints, as JSON, what it took: seconds, processor time, peak, exit code.

A process of its own, because Linux counts the memory of whoever starts a program towards that
program's peak, and the bench itself grows while it writes its rosters.

    python -m bench.one COMMAND [ARGUMENT ...]
"""

import json
import os
import subprocess
import sys
import time


def main() -> None:
    """Run the command; its own output is thrown away, its errors are shown."""
    begin = time.perf_counter()
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - begin,
                "cpu": usage.ru_utime + usage.ru_stime,
                "peak_mb": usage.ru_maxrss // 1024,
                "code": process.returncode,
            }
        )
    )


if __name__ == "__main__":
    main()
