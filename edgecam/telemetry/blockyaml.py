"""JSON values as YAML: block maps and lists, and each text in JSON's quotes, so that none is taken for a number."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

# A key that no reader of YAML takes for a number, a truth or nothing.
_PLAIN_KEY = re.compile(r"[A-Za-z$_][A-Za-z0-9_-]*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def to_yaml(value: Any) -> str:
    """``value`` (what JSON can say) as a YAML document, keys in their order."""
    return "\n".join(_lines(value)) + "\n"


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _entry(f"{_key(key)}:", item)
    elif isinstance(value, list) and value:
        for item in value:
            yield from _item(item)
    else:
        yield _scalar(value)


def _entry(head: str, item: Any) -> Iterator[str]:
    if isinstance(item, dict | list) and item:
        yield head
        yield from (f"  {line}" for line in _lines(item))
    else:
        yield f"{head} {_scalar(item)}"


def _item(item: Any) -> Iterator[str]:
    first, *others = _lines(item)
    yield f"- {first}"
    yield from (f"  {line}" for line in others)


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) and key.lower() not in _WORDS else _scalar(key)


def _scalar(value: Any) -> str:
    # JSON leaves these as they are; YAML may take them for the end of a line, or not allow them at all.
    return json.dumps(value, ensure_ascii=not str(value).isprintable())
