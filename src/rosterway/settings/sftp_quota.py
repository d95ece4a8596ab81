"""`[tenant.NAME.sftp_quota]`: how much may lie in the folders a tenant uploads to."""

from rosterway.settings import shape
from rosterway.settings.schema import Key, Table
from rosterway.settings.values import whole_number

_USUAL = shape.SftpQuota()

SFTP_QUOTA = Table(
    shape.SftpQuota,
    (
        Key(
            "gigabytes",
            whole_number(1, 100_000),
            "how much may lie there, in units of 1024 MiB",
            default=_USUAL.gigabytes,
        ),
        Key(
            "files",
            whole_number(1, 1_000_000),
            "how many files and folders may lie there",
            default=_USUAL.files,
        ),
    ),
    "What may lie in the folders a tenant uploads to, before it is taken.",
)
