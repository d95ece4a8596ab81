"""An honest OneRoster provider over a sandbox district, with every fault a real one may have.

It keeps to the letter of OneRoster 1.1 and 1.2 as the reference has it, until a fault or a knob is
turned. It knows nothing of Rosterway, so it cannot agree with us by accident.

    server      running it: `start_sis` inside a program, `serve` for people, `in_background`
    static      a million records from files prepared before, for measuring
    app, doors  the web application: reads, writes, tokens, and the controls under /sandbox
    access      who may ask: OAuth 2.0, OAuth 1.0a, bearer tokens, headers
    asking      what a request asks: selection, filter, sort, page, fields
    holding     the roster: a district as records, day by day, and how a version tells it
    gradebook   categories, line items and results in SQLite, and what writing them demands
    model       OneRoster as tables
    bundle      the same roster as OneRoster CSV, bulk and delta
    faults, knobs, provider     what all of them share
"""
