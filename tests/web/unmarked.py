"""Finds texts of templates that are written for people and not marked for translation."""

import re
from collections.abc import Iterator

from jinja2 import Environment, nodes

SPOKEN_ATTRIBUTE = re.compile(r"[\s\0](?:alt|title|placeholder|aria-label|data-busy|data-done|data-said)=\"([^\"]*)\"")
DROPPED = re.compile(
    r"{#.*?#}|<(?:style|script)\b.*?</(?:style|script)>|{%-? *trans\b.*?endtrans *-?%}"
    r"|{% *block ground *%}.*?{% *endblock *%}",
    re.S,
)
JINJA = re.compile(r"{{.*?}}|{%.*?%}", re.S)
TAG = re.compile(r"<[^>]*>")
PIECE_OF_TAG = re.compile(r"[\s\0][\w-]+=\"[^\"]*\"")  # what a macro adds to a tag of its caller
ENTITY = re.compile(r"&#?\w+;")
WORD = re.compile(r"[^\W\d_]{2,}")
SENTENCE = re.compile(r"^[A-Z][a-z]+([ .,?!].*)?$|[a-z]+ [a-z]+ [a-z]+")
SAME_EVERYWHERE = re.compile(r"^(Ctrl K|Enter|Esc|SHA-256|mm|ct|MB|PDF|light only)$")


def unmarked(source: str, environment: Environment) -> list[str]:
    """The texts of a template that come out as they are written, in whatever language it is read."""
    plain = JINJA.sub("\0", DROPPED.sub(" ", source))
    found = SPOKEN_ATTRIBUTE.findall(plain)
    found += re.split(r"[\0\n]+", ENTITY.sub(" ", PIECE_OF_TAG.sub(" ", TAG.sub("\0", plain))))
    for output in environment.parse(source).find_all(nodes.Output):
        for part in output.nodes:
            found += _constants(part)
    texts = (text.replace("\0", " ").strip() for text in found)
    return [text for text in texts if WORD.search(text) and not SAME_EVERYWHERE.match(text)]


def _constants(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Call | nodes.Filter | nodes.Getattr | nodes.Getitem | nodes.Compare):
        return  # a macro or a filter words what it is given; its words are marked where it is called
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and SENTENCE.search(node.value):
        yield node.value
    for child in node.iter_child_nodes():
        yield from _constants(child)
