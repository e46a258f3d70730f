"""How often a caller may call: token buckets, one for each caller and kind of call."""

import math
import threading
import time
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import unquote

from tacit.coordinator.limits import HEAVY, Limits
from tacit.linkage.errors import Code, TacitError

_MINUTE = 60.0
_MOST_KEYS = 10_000
_EVERYBODY = ""


class Buckets:
    """A bucket for each key, holding a minute's worth of tokens and filled again evenly.

    Args:
        per_minute: tokens that come in a minute, and most that a bucket holds.
        elapsed: seconds on a clock that only goes forward.
    """

    def __init__(self, per_minute: int, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_minute)
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._held: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> None:
        """Take a token.

        Raises:
            TacitError: RATE_LIMITED, with the seconds until there is one.
        """
        with self._lock:
            now = self._elapsed()
            self._sweep(now)
            held = self._now(key, now)
            if held < 1:
                wait = math.ceil((1 - held) * _MINUTE / self._most)
                raise TacitError(Code.RATE_LIMITED, seconds=wait)
            self._held[key] = held - 1, now

    def give_back(self, key: str) -> None:
        """Give back a token that was taken."""
        with self._lock:
            now = self._elapsed()
            self._held[key] = self._now(key, now) + 1, now

    def _now(self, key: str, now: float) -> float:
        held, at = self._held.get(key, (self._most, now))
        return min(self._most, held + (now - at) * self._most / _MINUTE)

    def _sweep(self, now: float) -> None:
        """Forget full buckets; so many others at one time are nobody's honest callers."""
        if len(self._held) < _MOST_KEYS:
            return
        self._held = {k: v for k, v in self._held.items() if now - v[1] < _MINUTE}
        if len(self._held) >= _MOST_KEYS:
            raise TacitError(Code.RATE_LIMITED, "too many callers", seconds=int(_MINUTE))


class RateLimits:
    """Every bucket that calls are drawn from.

    Args:
        limits: how many tokens there are.
        elapsed: seconds on a clock that only goes forward.
    """

    def __init__(self, limits: Limits, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._calls = Buckets(limits.calls_per_minute, elapsed)
        self._heavy = Buckets(limits.heavy_calls_per_minute, elapsed)
        self._enrolments = Buckets(limits.enrolments_per_minute, elapsed)
        self._all_enrolments = Buckets(limits.enrolments_per_minute_in_all, elapsed)

    def call(self, caller: str, method: str) -> None:
        """Count a call.

        Args:
            caller: its certificate, or its address where it has none.
            method: full name of the RPC.

        Raises:
            TacitError: RATE_LIMITED.
        """
        self._calls.take(caller)
        if method in HEAVY:
            self._heavy.take(caller)

    def enrolment(self, address: str) -> None:
        """Count an attempt to enrol.

        Raises:
            TacitError: RATE_LIMITED.
        """
        self._enrolments.take(address)
        self._all_enrolments.take(_EVERYBODY)

    def enrolled(self, address: str) -> None:
        """Count no longer what has succeeded: an invitation was used up by it."""
        self._enrolments.give_back(address)
        self._all_enrolments.give_back(_EVERYBODY)


def address_of(peer: str) -> str:
    """Give the address that a limit holds for: an IPv4 address, or the /64 net of an IPv6 one.

    Args:
        peer: as gRPC names it, such as "ipv4:192.0.2.1:50000" or "ipv6:%5B2001:db8::1%5D:50000".
    """
    _, _, rest = unquote(peer).partition(":")
    host = rest.rpartition(":")[0].strip("[]")
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, 64), strict=False))
