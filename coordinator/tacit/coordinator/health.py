"""Health after grpc.health.v1, answered from what works now and not from what was started."""

import threading
from collections.abc import Callable, Iterator, Mapping

import grpc
from grpc_health.v1.health import HealthServicer
from grpc_health.v1.health_pb2 import (
    HealthCheckRequest,
    HealthCheckResponse,
    HealthListRequest,
    HealthListResponse,
)
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server

from tacit.linkage.errors import Code, TacitError

_SECONDS = 1.0
_MOST_WATCHERS = 8

Probe = Callable[[], bool]


class Health(HealthServicer):  # type: ignore[misc]
    """Answers for the whole coordinator ("") and for each of its services.

    All of them need everything that is probed, so that one status holds for all. `Check` probes
    at the moment it is asked; `Watch` hears of a change within a second or so.

    Args:
        services: full names of the services.
        probes: what must work, by name.
        changed: told the names of the probes that fail, at each change.
    """

    def __init__(
        self,
        services: tuple[str, ...],
        probes: Mapping[str, Probe],
        changed: Callable[[tuple[str, ...]], None],
    ) -> None:
        super().__init__()
        self._services = ("", *services)
        self._probes = probes
        self._changed = changed
        self._failing: tuple[str, ...] | None = None
        self._refreshing = threading.Lock()
        self._watchers = threading.BoundedSemaphore(_MOST_WATCHERS)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._monitor, name="health", daemon=True)

    def start(self) -> None:
        """Probe once, then go on probing."""
        self.refresh()
        self._thread.start()

    def stop(self) -> None:
        """Say from now on that nothing is served."""
        self._stopped.set()
        self.enter_graceful_shutdown()
        self._thread.join()

    def refresh(self) -> None:
        """Probe now."""
        with self._refreshing:
            failing = tuple(name for name, probe in self._probes.items() if not probe())
            if failing == self._failing:
                return
            self._failing = failing
        state = HealthCheckResponse.NOT_SERVING if failing else HealthCheckResponse.SERVING
        for service in self._services:
            self.set(service, state)
        self._changed(failing)

    def Check(  # noqa: N802 (gRPC's name)
        self, request: HealthCheckRequest, context: grpc.ServicerContext
    ) -> HealthCheckResponse:
        """Answer with the state of this moment."""
        if not self._stopped.is_set():
            self.refresh()
        answer: HealthCheckResponse = super().Check(request, context)
        return answer

    def List(  # noqa: N802 (gRPC's name)
        self,
        request: HealthListRequest,  # noqa: ARG002
        context: grpc.ServicerContext,
    ) -> HealthListResponse:
        """Answer for every service at once."""
        one = {
            name: self.Check(HealthCheckRequest(service=name), context) for name in self._services
        }
        return HealthListResponse(statuses=one)

    def Watch(  # noqa: N802 (gRPC's name)
        self, request: HealthCheckRequest, context: grpc.ServicerContext
    ) -> Iterator[HealthCheckResponse]:
        """Tell of changes, to so many watchers at one time; each has a thread.

        Raises:
            TacitError: BUSY.
        """
        if not self._watchers.acquire(blocking=False):
            raise TacitError(Code.BUSY)
        if not context.add_callback(self._watchers.release):
            self._watchers.release()
        answers: Iterator[HealthCheckResponse] = super().Watch(request, context)
        return answers

    def working(self) -> bool:
        """Say whether every probe succeeded when last asked."""
        return self._failing == ()

    def register(self, server: grpc.Server) -> None:
        """Add the service to a server."""
        add_HealthServicer_to_server(self, server)

    def _monitor(self) -> None:
        while not self._stopped.wait(_SECONDS):
            self.refresh()
