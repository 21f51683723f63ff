"""What the routes of keys need from the rest of the camera, as plain callables that the hub hands over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from edgecam.custody.accounts.identities import Identities
from edgecam.custody.cases.caserules import CaseRules
from edgecam.custody.cases.permitkeys import Permits
from edgecam.custody.register.register import Register
from edgecam.web.sealedparts import SealedFootage

Source = Literal["ring", "album"]


@dataclass(frozen=True, slots=True)
class PermitParts:
    """``sources`` is sealed footage by the names of its routes; ``owners()`` the owners' recipients.

    ``locked_owner()`` is the owner's identity under its passphrase. Raises: BadInput.
    """

    identities: Identities
    permits: Permits
    rules: CaseRules
    register: Register
    locked_owner: Callable[[], bytes]
    owners: Callable[[], Sequence[str]]
    sources: Mapping[Source, SealedFootage] = field(default_factory=dict)
