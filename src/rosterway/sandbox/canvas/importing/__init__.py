"""From an uploaded file to a changed roster: unpack, read, recognise, import, clean up, undo."""
