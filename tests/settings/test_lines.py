"""Where keys stand: compared with what tomllib reads from the same text."""

import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st
from tomlkit import dumps

from rosterway.settings.lines import places

TRICKY = '''\
# a comment with [brackets] and = signs
top.dotted."quoted key" = 1
text = """
[not.a.table]
key = 'no'
"""
lists = [ # with a comment ]
  "a]", # first
  [1, { inner = '}' }],
]

[[people]]
name = "a"
[people.home]
city = ''
[[people]]
name = "b"
[[people.pets]]
kind = "cat"
'''


def paths_of(value, path=()):
    """Every path of a document, as tomllib understood it."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from paths_of(inner, (*path, key))


def test_keys_headers_and_elements_have_their_lines():
    assert {path: place.line for path, place in places(TRICKY).items()} == {
        ("top",): 2,
        ("top", "dotted"): 2,
        ("top", "dotted", "quoted key"): 2,
        ("text",): 3,
        ("lists",): 7,
        ("lists", 0): 8,
        ("lists", 1): 9,
        ("lists", 1, 0): 9,
        ("lists", 1, 1): 9,
        ("lists", 1, 1, "inner"): 9,
        ("people",): 12,
        ("people", 0): 12,
        ("people", 0, "name"): 13,
        ("people", 0, "home"): 14,
        ("people", 0, "home", "city"): 15,
        ("people", 1): 16,
        ("people", 1, "name"): 17,
        ("people", 1, "pets"): 18,
        ("people", 1, "pets", 0): 18,
        ("people", 1, "pets", 0, "kind"): 19,
    }


def test_a_place_is_where_the_key_or_the_element_begins():
    found = places(TRICKY)

    assert {
        ("top", "dotted", "quoted key"): (2, 1),
        ("lists", 0): (8, 3),
        ("lists", 1, 1, "inner"): (9, 9),
        ("people", 0, "home"): (14, 2),
        ("people", 1, "pets", 0): (18, 3),
    }.items() <= found.items()


keys = st.text(min_size=1, max_size=8)
scalars = (
    st.text(max_size=20)
    | st.integers(-(2**60), 2**60)
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.datetimes()
    | st.dates()
)
nodes = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)


@settings(deadline=None)  # a busy machine is no failure
@given(st.dictionaries(keys, nodes, max_size=4))
def test_every_path_of_any_document_is_found(document):
    text = dumps(document)

    assert set(paths_of(tomllib.loads(text))) == set(places(text))
