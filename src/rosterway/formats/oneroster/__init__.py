"""OneRoster: the nouns without a version, what the wires 1.1 and 1.2 and the CSV bundle say of them."""
