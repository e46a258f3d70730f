"""Figures for Prometheus: what the coordinator does, and never who or whom.

Labels are names of RPCs, codes of the catalogue and states, all of them known beforehand: no
member, project, run or upload is named, and nothing that a caller sends can make a new label.
"""

from collections.abc import Callable, Iterator, Mapping
from http.server import HTTPServer
from ipaddress import ip_address
from threading import Thread

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tacit.coordinator.log import describe, log
from tacit.coordinator.policy import RULES
from tacit.coordinator.store.engine import Store
from tacit.coordinator.store.figures import Figures, read_figures
from tacit.linkage.errors import Code, TacitError

_SECONDS = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0, 300.0)
_CODES = frozenset({"OK", "CANCELLED", *(code.value for code in Code)})
_OTHER = "other"


class Metrics:
    """The coordinator's figures, in a registry of their own.

    Args:
        store: counted anew at each reading.
        authority_end: when the authority's certificate ends, seconds since 1970.
        healthy: says whether everything that is probed works.
    """

    def __init__(self, store: Store, authority_end: float, healthy: Callable[[], bool]) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self._calls = Counter(
            "tacit_calls",
            "Calls that have ended, by RPC and by the code they ended with.",
            ["method", "code"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "tacit_call_seconds",
            "Time from a call's beginning to its end, by RPC.",
            ["method"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._in_hand = Gauge(
            "tacit_calls_in_hand", "Calls that have not ended yet.", registry=self.registry
        )
        self.registry.register(_State(store, authority_end, healthy))

    def began(self) -> None:
        """Count a call that has begun."""
        self._in_hand.inc()

    def left(self) -> None:
        """Count down a call whose caller has gone, with or without an answer."""
        self._in_hand.dec()

    def ended(self, method: str, code: str, seconds: float) -> None:
        """Count a call that has ended.

        Args:
            method: full name of the RPC; counted as "other" if there is none of that name.
            code: "OK", "CANCELLED" or a code of the catalogue.
            seconds: how long it took.
        """
        name = method if method in RULES else _OTHER
        self._calls.labels(name, code if code in _CODES else _OTHER).inc()
        self._seconds.labels(name).observe(seconds)


class MetricsServer:
    """Serves the figures over plain HTTP on loopback, until it is closed.

    Args:
        metrics: what to serve.
        address: host:port, where host is an address of loopback; port 0 takes a free one.

    Raises:
        TacitError: USAGE, the address is not one of loopback or cannot be listened on.
    """

    def __init__(self, metrics: Metrics, address: str) -> None:
        host, port = _loopback(address)
        try:
            server, thread = start_http_server(port, host, metrics.registry)
        except OSError as error:
            problem = f"Cannot listen on {address}: it is taken or not an address of this machine."
            raise TacitError(Code.USAGE, problem=problem) from error
        self._server: HTTPServer = server
        self._thread: Thread = thread
        self.address = f"{address.rpartition(':')[0]}:{server.server_port}"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _State(Collector):
    """Reads how things stand at the moment somebody asks."""

    def __init__(self, store: Store, authority_end: float, healthy: Callable[[], bool]) -> None:
        self._store = store
        self._authority_end = authority_end
        self._healthy = healthy

    def collect(self) -> Iterator[Metric]:
        """Give the figures; those of the database are left out while it cannot be read."""
        yield _gauge("tacit_healthy", "1 where the coordinator works.", self._healthy())
        end = GaugeMetricFamily(
            "tacit_certificate_end_seconds",
            "When a certificate ends, seconds since 1970; of members the one that ends first.",
            labels=["certificate"],
        )
        end.add_metric(["authority"], self._authority_end)
        try:
            with self._store.read() as connection:
                figures = read_figures(connection)
        except TacitError:
            yield end
            return
        except Exception as error:  # noqa: BLE001 (the server would print its text)
            log().error("metrics_broke", **describe(error))
            yield end
            return
        if figures.first_member_end is not None:
            end.add_metric(["member"], figures.first_member_end)
        yield end
        yield from _families(figures)


def _families(figures: Figures) -> Iterator[Metric]:
    yield _states("tacit_runs", "Runs, by state; queued and unfinished ones wait.", figures.runs)
    yield _states("tacit_uploads", "Uploads that count, by state.", figures.uploads)
    yield _states("tacit_projects", "Projects, by whether all have signed.", figures.projects)
    yield _gauge(
        "tacit_members", "Members that have enrolled and were not revoked.", figures.members
    )
    yield _gauge("tacit_records", "Encoded records of uploads that count.", figures.records)
    yield _gauge("tacit_ledger_entries", "Entries in the ledger.", figures.ledger_entries)


def _states(name: str, explained: str, found: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, explained, labels=["state"])
    for state, number in found.items():
        family.add_metric([state], number)
    return family


def _gauge(name: str, explained: str, value: float) -> Metric:
    return GaugeMetricFamily(name, explained, value=float(value))


def _loopback(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    bare = "127.0.0.1" if host == "localhost" else host.removeprefix("[").removesuffix("]")
    try:
        near, number = ip_address(bare).is_loopback, int(port)
    except ValueError:
        near, number = False, 0
    if not near:
        problem = f"Metrics are served on loopback only, such as 127.0.0.1:9464, not on {address}."
        raise TacitError(Code.USAGE, problem=problem)
    return bare, number
