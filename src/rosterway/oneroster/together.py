"""The same work by several at a time, of which one failure ends all."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

_Task = TypeVar("_Task")


async def together(
    workers: int, tasks: Iterable[_Task], work: Callable[[_Task], Awaitable[object]]
) -> None:
    """Do `work` for each of the tasks, so many at a time, in their order.

    The first error is raised, and what the others are at is cancelled before that.
    """
    remaining = iter(tasks)

    async def toil() -> None:
        for task in remaining:
            await work(task)

    toiling = [asyncio.create_task(toil()) for _ in range(workers)]
    try:
        await asyncio.gather(*toiling)
    finally:
        for task in toiling:
            task.cancel()
        await asyncio.gather(*toiling, return_exceptions=True)
