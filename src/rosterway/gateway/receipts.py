"""Receipts on disk: one folder a delivery in `results/`, written whole or not at all."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from rosterway.gateway.outgoing import place
from rosterway.rostering.receipt import Receipt, write_csv, write_json, write_text

#: The files of a receipt, in the order they are written.
RECEIPTS = ("receipt.txt", "receipt.csv", "receipt.json")

Problems = Callable[[], Iterator[Mapping[str, Any]]]


def write_receipt(results: Path, receipt: Receipt, problems: Problems, zone: ZoneInfo) -> Path:
    """Write `<results>/<delivery>/receipt.{json,csv,txt}`; an earlier receipt is replaced.

    `problems` gives the problems anew at each call. The JSON comes last: whoever waits for a
    receipt and sees it finds the others there.
    """
    folder = results / receipt.delivery
    _replace(folder / "receipt.txt", lambda out: write_text(receipt, problems(), out, zone))
    _replace(folder / "receipt.csv", lambda out: write_csv(receipt, problems(), out))
    _replace(folder / "receipt.json", lambda out: write_json(receipt, problems(), out))
    return folder


def _replace(path: Path, write: Callable[[TextIO], None]) -> None:
    def draft(target: Path) -> None:
        with target.open("w", encoding="utf-8", newline="") as out:
            write(out)

    place(path, draft)
