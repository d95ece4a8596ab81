"""What our own words mean, each in a sentence; pages link here wherever they use one."""

from collections.abc import Mapping

TERMS: Mapping[str, str] = {
    "approval": "A person's yes to exactly one plan, known by its digest.",
    "baseline": "What Canvas has confirmed to hold, as far as a feed is concerned.",
    "class": "A section, or a course where an enrollment names no section.",
    "confirmed": "Canvas went through the rows and said nothing against them.",
    "delivery": "One arrival of files, sealed when it was complete, and kept as it came.",
    "digest": "A plan's fingerprint: any change to what would be sent gives another one.",
    "feed": "A roster that comes again and again: from where, how it is applied, with which limits.",
    "guard": "A rule that makes a plan wait for a person when it would do something unusual.",
    "held back": "Stopped by a problem of the row itself; what Canvas has of it stays as it is.",
    "hold": "A reason for a plan to wait for a person.",
    "limit": "How much a plan may remove before it waits for a person.",
    "move": "Somebody leaves one class and joins another; it does not count as a removal.",
    "plan": "Exactly what would be sent to Canvas, in which order, shown before it is sent.",
    "problem": "Something wrong in the supplied data, with who can mend it and how.",
    "receipt": "What the sender of a delivery is told: what was taken, sent and refused, and why.",
    "removal": "Whatever takes somebody's access away: a deletion, a suspension, a conclusion.",
    "run": "One execution, from a delivery or an approval to its outcome.",
    "seal": "To take a delivery for complete, so that nothing can be added to it.",
    "SIS import": "Canvas's own name for one upload of SIS data; its states are quoted as it says.",
    "vanished": "In the baseline, and not in the delivery.",
}
