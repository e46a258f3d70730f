"""Messages of any type, made from what the protocol's own descriptors say of it.

New messages and new RPCs take part without a word here.
"""

import importlib
import pkgutil
import random
from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

import tacit.v1
from fuzz_values import REAL, coin, damaged, octets, pick, text, whole

Pools = Mapping[str, Sequence[Any]]
"""Field name to values that mean something to whoever is sent them."""

_RANGES = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
    FieldDescriptor.CPPTYPE_ENUM: (-(2**31), 2**31 - 1),
}
_DEEPEST = 3


def rpcs() -> dict[str, MethodDescriptor]:
    """Find every RPC of the package tacit.v1, by the path under which it is called."""
    found = {}
    for module in sorted(item.name for item in pkgutil.iter_modules(tacit.v1.__path__)):
        if module.endswith("_pb2"):
            file = importlib.import_module(f"tacit.v1.{module}").DESCRIPTOR
            for service in file.services_by_name.values():
                for method in service.methods:
                    found[f"/{service.full_name}/{method.name}"] = method
    return found


def made(rng: random.Random, descriptor: Any, pools: Pools, depth: int = 0) -> Message:
    """Make a message in which every field is absent, right, wrong or extreme."""
    message: Message = GetMessageClass(descriptor)()
    for field in descriptor.fields:
        if not coin(rng, 5):
            set_field(rng, message, field, pools, depth)
    return message


def right(rng: random.Random, descriptor: Any, pools: Pools) -> Message:
    """Make a message whose fields are right as far as the pools know what that is."""
    message: Message = GetMessageClass(descriptor)()
    for field in descriptor.fields:
        known = pools.get(field.name)
        if known and field.is_repeated:
            items = getattr(message, field.name)
            items.extend(pick(rng, known) for _ in range(pick(rng, (1, 1, 2, 5))))
        elif known:
            _assign(message, field, pick(rng, known))
        elif not field.is_repeated and field.message_type is None:
            set_field(rng, message, field, pools, 0)
    return message


def altered(rng: random.Random, message: Message, pools: Pools) -> Message:
    """Change one to three fields of a message, anywhere in it."""
    copy: Message = type(message)()
    copy.CopyFrom(message)
    for _ in range(pick(rng, (1, 1, 1, 2, 3))):
        holder = copy
        while True:
            fields = holder.DESCRIPTOR.fields
            if not fields:
                break
            field = fields[rng.randrange(len(fields))]
            inner = _inner(rng, holder, field)
            if inner is not None and not coin(rng, 3):
                holder = inner
                continue
            holder.ClearField(field.name)
            if not coin(rng, 4):
                set_field(rng, holder, field, pools, 1)
            break
    return copy


def mangled(rng: random.Random, data: bytes, other: bytes = b"") -> bytes:
    """Change a message on the wire: damage, unknown fields, wrong types, lengths that lie."""
    kind = rng.randrange(6)
    if kind < 3:
        return damaged(rng, data, other)
    if kind == 3:
        return data + _tag(rng) + rng.randbytes(rng.randrange(12))
    if kind == 4:
        # A length-delimited field that says it goes on for ever; groups that never end.
        return _tag(rng) + b"\xff" * rng.randrange(11) + b"\x01" + data
    return b"\x0b" * rng.randrange(200) + data


def set_field(rng: random.Random, message: Message, field: Any, pools: Pools, depth: int) -> None:
    """Put something into a field."""
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        _fill_map(rng, message, field)
    elif field.is_repeated:
        count = pick(rng, (0, 1, 1, 2, 3, 8)) if not coin(rng, 200) else 2050
        items = getattr(message, field.name)
        for _ in range(count if depth < _DEEPEST else 0):
            if field.message_type is not None:
                items.append(_part(rng, field, pools, depth))
            else:
                items.append(_scalar(rng, field, pools))
    elif field.message_type is None:
        _assign(message, field, _scalar(rng, field, pools))
    elif depth < _DEEPEST:
        getattr(message, field.name).CopyFrom(made(rng, field.message_type, pools, depth + 1))


def _part(rng: random.Random, field: Any, pools: Pools, depth: int) -> Message:
    known = pools.get(field.name)
    if known and coin(rng, 2):
        return altered(rng, pick(rng, known), pools)
    return made(rng, field.message_type, pools, depth + 1)


def _assign(message: Message, field: Any, value: Any) -> None:
    if field.message_type is not None:
        getattr(message, field.name).CopyFrom(value)
    else:
        setattr(message, field.name, value)


def _inner(rng: random.Random, message: Message, field: Any) -> Message | None:
    """Give a message within a field that has one, to go on in it."""
    if field.message_type is None or field.message_type.GetOptions().map_entry:
        return None
    value = getattr(message, field.name)
    if field.is_repeated:
        return value[rng.randrange(len(value))] if value else None
    return value if message.HasField(field.name) else None


def _scalar(rng: random.Random, field: Any, pools: Pools) -> Any:
    known = pools.get(field.name, ())
    kind = field.cpp_type
    if kind == FieldDescriptor.CPPTYPE_STRING:
        if field.type == FieldDescriptor.TYPE_BYTES:
            return octets(rng, known)
        return text(rng, known)
    if kind == FieldDescriptor.CPPTYPE_ENUM and not coin(rng, 3):
        values = field.enum_type.values
        return values[rng.randrange(len(values))].number
    if kind in _RANGES:
        return whole(rng, *_RANGES[kind], known)
    return coin(rng, 2) if kind == FieldDescriptor.CPPTYPE_BOOL else pick(rng, REAL)


def _fill_map(rng: random.Random, message: Message, field: Any) -> None:
    key, value = (
        field.message_type.fields_by_name["key"],
        field.message_type.fields_by_name["value"],
    )
    items = getattr(message, field.name)
    for _ in range(pick(rng, (0, 1, 2, 5))):
        if value.message_type is None:
            items[_scalar(rng, key, {})] = _scalar(rng, value, {})


def _tag(rng: random.Random) -> bytes:
    number, kind = pick(rng, (1, 2, 3, 4, 15, 16, 2047, 536_870_911)), rng.randrange(8)
    value, tag = number << 3 | kind, bytearray()
    while value > 0x7F:
        tag.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*tag, value])
