"""What is noticed while records are read: deviations counted, problems kept one by one."""

from dataclasses import dataclass, field

from rosterway.formats.oneroster.deviations import Tally
from rosterway.formats.problems import Finding, shortened


@dataclass(slots=True)
class Notes:
    """Notes about one table of one endpoint or file.

    `findings` is emptied by whoever puts them away (`take`), so that it never holds more than a
    page's; a problem's value is cut, and never quoted where it may be personal beyond need.
    """

    table: str
    source: str
    tally: Tally = field(default_factory=Tally)
    findings: list[Finding] = field(default_factory=list[Finding])

    def deviates(self, code: str, column: str, value: object, record: str, count: int = 1) -> None:
        """Count a deviation of one field of one record."""
        where = f"{self.source} {record}" if record else self.source
        self.tally.add(code, self.table, column, example=value, where=where, count=count)

    def problem(
        self, code: str, *, row: int, column: str = "", value: object = "", record: str = ""
    ) -> None:
        """Note a problem of one record."""
        self.findings.append(
            Finding(
                code=code,
                table=self.table,
                file=self.source,
                row=row,
                column=column or None,
                value=shortened(str(value)),
                other=record or None,
            )
        )

    def take(self) -> list[Finding]:
        """The problems noted since the last time."""
        taken, self.findings = self.findings, []
        return taken
