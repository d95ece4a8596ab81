"""Start the calculating process, hear how far it is, take its answer."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from rosterway.errors import ConfigError, DeliveryError, RosterwayError, UnavailableError
from rosterway.runs.jobs import (
    FAULT,
    RESULT,
    ConfirmJob,
    ConfirmResult,
    GradeExportJob,
    GradeExportResult,
    Job,
    PlanJob,
    PlanResult,
    TranslateJob,
    TranslateResult,
)

Answer = TypeVar("Answer", PlanResult, ConfirmResult, TranslateResult, GradeExportResult)

#: How much of a crashed process's last words is kept.
_LAST_WORDS = 4_000


#: What the process calls its faults -> what they are here.
_FAULTS: dict[str, type[RosterwayError]] = {
    ConfigError.code: ConfigError,
    UnavailableError.code: UnavailableError,
}


async def calculate_plan(job: PlanJob, heard: Callable[[str], Awaitable[None]]) -> PlanResult:
    """Have a delivery read, compared and planned; `heard` is told each part as it begins."""
    return await _run(job, PlanResult, heard)


async def calculate_translation(
    job: TranslateJob, heard: Callable[[str], Awaitable[None]]
) -> TranslateResult:
    """Have a Canvas roster made of what a pull has staged."""
    return await _run(job, TranslateResult, heard)


async def calculate_confirmation(
    job: ConfirmJob, heard: Callable[[str], Awaitable[None]]
) -> ConfirmResult:
    """Have Canvas's answers joined and the next baseline made."""
    return await _run(job, ConfirmResult, heard)


async def calculate_checks(
    job: GradeExportJob, heard: Callable[[str], Awaitable[None]]
) -> GradeExportResult:
    """Have grade exports looked at."""
    return await _run(job, GradeExportResult, heard)


async def _run(job: Job, answer: type[Answer], heard: Callable[[str], Awaitable[None]]) -> Answer:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "rosterway.runs.calculation",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    last_words = asyncio.create_task(process.stderr.read())
    try:
        # The pipe stays open: the process ends with us.
        with suppress(ConnectionError):  # it is gone already; its exit code says more
            process.stdin.write(msgspec.json.encode(job) + b"\n")
            await process.stdin.drain()
        while line := await process.stdout.readline():
            await heard(line.decode().strip())
        code = await process.wait()
    except BaseException:
        if process.returncode is None:
            process.kill()
        last_words.cancel()
        raise
    work = Path(job.work)
    if code == 0:
        return msgspec.json.decode((work / RESULT).read_bytes(), type=answer)
    fault = work / FAULT
    if fault.exists():
        told = msgspec.json.decode(fault.read_bytes(), type=dict[str, str])
        raise _FAULTS.get(told["code"], DeliveryError)(told["message"], remedy=told["remedy"])
    words = (await last_words).decode(errors="replace")[-_LAST_WORDS:]
    if code < 0:
        raise UnavailableError(
            f"The calculating process was ended from outside ({_signal_name(-code)}).",
            remedy="If the machine has too little memory for it, give it more; the run goes on by"
            " itself.",
        )
    # Not of our error tree: out of memory, or a bug of ours.
    raise RuntimeError(f"the calculating process ended with {code}: {words}")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
