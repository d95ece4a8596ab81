"""What the operator wants: `rosterway.toml` and the environment, read once into frozen values.

It guarantees that a `Settings` agrees with itself, and that whatever is wrong with a file is said
at once, with its line and a remedy. It holds no secret, only where each is kept (`Secret.reveal`).
What the words of `vanished` and `limits` mean is left to the rostering room.
"""

from rosterway.settings.findings import Finding, Severity
from rosterway.settings.plain import as_data
from rosterway.settings.reading import check, file_text, home_folder, load, parse
from rosterway.settings.secrets import Secret, SecretPlace, SecretPlaces
from rosterway.settings.shape import (
    GATEWAY,
    Apply,
    Approve,
    Auth,
    Basis,
    Bearer,
    CanvasAccount,
    Categories,
    Connection,
    CourseGrade,
    CourseGradeKind,
    Courses,
    Credentials,
    Endpoints,
    Environment,
    Feed,
    GradeExport,
    Grades,
    OAuth1,
    OAuth2,
    Performance,
    Preview,
    Server,
    Settings,
    SftpAccount,
    Signature,
    SisEdits,
    Tenant,
    Version,
)
from rosterway.settings.values import Address, Hours

__all__ = [
    "GATEWAY",
    "Address",
    "Apply",
    "Approve",
    "Auth",
    "Basis",
    "Bearer",
    "CanvasAccount",
    "Categories",
    "Connection",
    "CourseGrade",
    "CourseGradeKind",
    "Courses",
    "Credentials",
    "Endpoints",
    "Environment",
    "Feed",
    "Finding",
    "GradeExport",
    "Grades",
    "Hours",
    "OAuth1",
    "OAuth2",
    "Performance",
    "Preview",
    "Secret",
    "SecretPlace",
    "SecretPlaces",
    "Server",
    "Settings",
    "Severity",
    "SftpAccount",
    "Signature",
    "SisEdits",
    "Tenant",
    "Version",
    "as_data",
    "check",
    "file_text",
    "home_folder",
    "load",
    "parse",
]
