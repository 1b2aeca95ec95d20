"""Facts to canonical JSON and back: what the limited child reads, and what is sealed.

The same form as `proof.seal.canonical`: sorted keys, UTF-8, decimals and moments as text, no floats.
"""

import json
import types
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from bespoke.documents.errors import UnreadableFacts

Json = str | int | bool | None | Mapping[str, "Json"] | Sequence["Json"]
T = TypeVar("T")


def to_json(value: object) -> Json:
    """A dataclass, a tuple or a plain value as JSON knows it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, (str, int)):
        return value
    raise TypeError(f"{type(value).__name__} has no canonical form")


def write(value: Json) -> bytes:
    """Canonical bytes of a JSON value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def read(content: bytes, kind: type[T]) -> T:
    """The value of the given dataclass that was written as JSON.

    Raises:
        UnreadableFacts: not JSON, or a field is missing, unknown or of another kind.
    """
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableFacts("The facts are not JSON.", where=kind.__name__) from error
    built: T = _build(value, kind, kind.__name__)
    return built


def _build(value: Any, kind: Any, where: str) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        (inner,) = (option for option in get_args(kind) if option is not type(None))
        return None if value is None else _build(value, inner, where)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise UnreadableFacts(f"{where} is not a list.", where=where)
        return tuple(_build(item, get_args(kind)[0], f"{where}[{index}]") for index, item in enumerate(value))
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(value, kind, where)
    return _plain(value, kind, where)


def _dataclass(value: Any, kind: type[T], where: str) -> T:
    hints = _hints(cast(Hashable, kind))
    if not isinstance(value, dict) or set(value) != set(hints):
        raise UnreadableFacts(f"{where} does not have the fields it should have.", where=where)
    return kind(**{name: _build(value[name], hints[name], f"{where}.{name}") for name in hints})


def _plain(value: Any, kind: Any, where: str) -> Any:
    expected = int if kind is int else str
    if type(value) is not expected:
        raise UnreadableFacts(f"{where} is not what it should be.", where=where)
    try:
        if kind is Decimal:
            return Decimal(value)
        if kind is datetime:
            return datetime.fromisoformat(str(value))
        if kind is date:
            return date.fromisoformat(str(value))
    except (ValueError, InvalidOperation) as error:
        raise UnreadableFacts(f"{where} cannot be read.", where=where) from error
    return value


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return get_type_hints(kind)
