"""The example file of the documentation, and ways to spoil it."""

from pathlib import Path

import pytest

from rosterway.settings import Severity, check

EXAMPLE = (Path(__file__).parent / "example.toml").read_text(encoding="utf-8")


@pytest.fixture
def example():
    return EXAMPLE


@pytest.fixture
def spoilt():
    """Errors, as (path, problem and remedy), of the example with something replaced in it."""

    def findings(*replacements, environ=None, severity=Severity.ERROR):
        text = EXAMPLE
        for old, new in replacements:
            assert old in text, old
            text = text.replace(old, new, 1)
        found = [f for f in check(text, environ) if f.severity is severity]
        return [(f.path, f"{f.problem}; {f.remedy}") for f in found]

    return findings
