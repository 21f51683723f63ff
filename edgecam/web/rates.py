"""How much one visitor may ask for, so that none starves the others: requests, and connections at once. Pure."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from edgecam.core.clock import NS_PER_S, Clock


@dataclass(frozen=True, slots=True)
class Limits:
    """What one address may have. ``loopback_too`` is for tests: whoever is on the camera itself is not held back.

    A page that opens asks some forty things at once, and then a few a second; a browser keeps six connections and
    one for the live picture. ``most_addresses`` bounds the memory: the one that was longest quiet is forgotten.
    """

    requests_per_s: float = 30.0
    burst: int = 300
    connections: int = 160
    connections_each: int = 24
    most_addresses: int = 1024
    loopback_too: bool = False


@dataclass(slots=True)
class _Bucket:
    left: float
    seen_mono_ns: int


class Rates:
    """A token bucket for each address. Owned by the event loop: no other thread may call it."""

    def __init__(self, clock: Clock, limits: Limits) -> None:
        self._clock, self._limits = clock, limits
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait_s(self, client: tuple[str, int] | None) -> int:
        """Count one request of ``client``; 0 when it is answered, else the seconds after which to come again."""
        address = visitor_address(client[0] if client else "")
        if not self._limits.loopback_too and is_loopback(address):
            return 0
        bucket = self._bucket(address)
        if bucket.left >= 1:
            bucket.left -= 1
            return 0
        return max(1, int(-(-(1 - bucket.left) // self._limits.requests_per_s)))

    def __len__(self) -> int:
        return len(self._buckets)

    def _bucket(self, address: str) -> _Bucket:
        now_ns = self._clock.mono_ns()
        bucket = self._buckets.get(address)
        if bucket is None:
            if len(self._buckets) >= self._limits.most_addresses:
                self._buckets.popitem(last=False)
            bucket = self._buckets[address] = _Bucket(self._limits.burst, now_ns)
        passed_s = (now_ns - bucket.seen_mono_ns) / NS_PER_S
        bucket.left = min(self._limits.burst, bucket.left + passed_s * self._limits.requests_per_s)
        bucket.seen_mono_ns = now_ns
        self._buckets.move_to_end(address)
        return bucket


@dataclass(slots=True, eq=False)
class Place:
    """One connection that is let in; ``end`` closes it. Whoever got it gives it back with `Crowd.leave`."""

    address: str
    end: Callable[[], None]


@dataclass(slots=True)
class Crowd:
    """The connections that stand. Owned by the event loop: no other thread may call it."""

    limits: Limits
    _places: dict[str, dict[Place, None]] = field(default_factory=dict)
    _count: int = 0

    def come(self, address: str, end: Callable[[], None]) -> Place | None:
        """Let one more in, or give ``None``.

        When all places are taken, the visitor with the most gives up its oldest one to who has at least two fewer:
        so whoever comes with many never shuts out who comes with few.
        """
        mine = len(self._places.get(address, ()))
        held_back = self.limits.loopback_too or not is_loopback(address)
        if held_back and mine >= self.limits.connections_each:
            return None
        if self._count >= self.limits.connections and not self._make_room(mine):
            return None
        place = Place(address, end)
        self._places.setdefault(address, {})[place] = None
        self._count += 1
        return place

    def leave(self, place: Place) -> None:
        """``place`` is free again; said twice does no harm."""
        mine = self._places.get(place.address, {})
        if place in mine:
            del mine[place]
            self._count -= 1
        if not mine:
            self._places.pop(place.address, None)

    def __len__(self) -> int:
        return self._count

    def _make_room(self, mine: int) -> bool:
        most = max(self._places.values(), key=len)
        if len(most) < mine + 2:
            return False
        oldest = next(iter(most))
        self.leave(oldest)
        oldest.end()
        return True


def visitor_address(address: str) -> str:
    """``address`` as visitors are told apart: an IPv4 one that comes by IPv6 is the IPv4 one."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = parsed.ipv4_mapped if parsed.version == 6 else None
    return str(mapped or parsed)


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
