"""The languages we speak, as data: no clock, no network, no files."""
