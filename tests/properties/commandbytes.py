"""What has to hold of every decoder that a command or its files go through, whatever the bytes."""

from __future__ import annotations

from edgecam.core.errors import BadInput, DataLoss
from edgecam.masking.privacy import decode_privacy
from edgecam.silences import decode_silences
from edgecam.telemetry.command import decode_command
from edgecam.telemetry.commandkeys import decode_keys
from edgecam.telemetry.commandkinds import CommandName, arguments_of
from edgecam.telemetry.commandmemory import decode_memory

_KEY = bytes(32)


def try_command(data: bytes) -> None:
    """A command or a refusal; what was understood can be signed and said again, and has one meaning."""
    try:
        told = decode_command(data)
        assert decode_command(told.encode()) == told
        assert isinstance(told.is_signed, bool)
        if told.name in set(CommandName):
            arguments_of(CommandName(told.name), told.arguments)
    except BadInput as refused:
        str(refused).encode()


def try_files(data: bytes) -> None:
    """A file of ours or a loss."""
    for decode in (decode_memory, decode_privacy, decode_silences, lambda told: decode_keys(told, _KEY)):
        try:
            assert decode(data) is not None
        except DataLoss:
            continue
