"""The coordinator as a whole: two TLS ports, services, workers, health."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import grpc

from tacit.coordinator.authority import ServerIdentity
from tacit.coordinator.backend import Backend, Component, milliseconds
from tacit.coordinator.channel_options import channel_options
from tacit.coordinator.components import COMPONENTS
from tacit.coordinator.config import Config
from tacit.coordinator.health import Health
from tacit.coordinator.home import Home, Serving
from tacit.coordinator.interceptor import Interceptor
from tacit.coordinator.ledger import Ledger
from tacit.coordinator.log import log
from tacit.coordinator.metrics import Metrics, MetricsServer
from tacit.coordinator.policy import RULES
from tacit.coordinator.services.enrolment import component as enrolment
from tacit.linkage.errors import Code, TacitError

_THREADS = 128
_ENROL_THREADS = 32
_GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Ports:
    main: grpc.Server
    enrol: grpc.Server


class Coordinator:
    """A coordinator that can be started and stopped once.

    Args:
        home: its home; the caller holds the home's lock.
        passphrase: of the private keys at rest, if they have one.
        metrics: host:port on loopback for figures, in place of the configuration's.
        now: the clock, milliseconds.

    Raises:
        TacitError: WRONG_PASSPHRASE, STORE_FAILED or USAGE.
    """

    def __init__(
        self,
        home: Home,
        passphrase: str | None = None,
        metrics: str = "",
        now: Callable[[], int] = milliseconds,
    ) -> None:
        self._home = home
        self._metrics_address = metrics or home.config.metrics
        self._metrics_server: MetricsServer | None = None
        authority = home.read_authority(passphrase)
        ledger_key = home.read_ledger_key(passphrase)
        store = home.open_store()
        self._backend = Backend(
            store,
            Ledger(store, ledger_key),
            authority,
            home.config.engine,
            home.config.confirmations,
            now,
            limits=home.config.limits,
        )
        self._components = [make(self._backend) for make in COMPONENTS]
        self._workers = [part.worker for part in self._components if part.worker is not None]
        self._health = Health(
            _services(),
            {"database": store.ping, "workers": self._workers_alive},
            _log_health,
        )
        end = authority.certificate.not_valid_after_utc.timestamp()
        self._metrics = Metrics(store, end, self._health.working)
        self._interceptor = Interceptor(self._backend, self._metrics, _THREADS + _ENROL_THREADS)
        self._threads = tuple(
            ThreadPoolExecutor(count, thread_name_prefix="rpc")
            for count in (_THREADS, _ENROL_THREADS)
        )
        self._ports = self._build()

    def start(self) -> Serving:
        """Listen, take up unfinished work and serve.

        Raises:
            TacitError: USAGE, an address cannot be listened on.
        """
        try:
            serving = self._listen(self._backend.authority.issue_server())
        except TacitError:
            self._backend.store.close()
            raise
        for worker in self._workers:
            worker.start()
        self._interceptor.calls.start()
        self._health.start()
        self._ports.main.start()
        self._ports.enrol.start()
        self._home.write_serving(serving)
        log().info(
            "serving",
            address=serving.address,
            enrol_address=serving.enrol_address,
            metrics=serving.metrics_address,
        )
        return serving

    def stop(self) -> None:
        """Stop: no new calls, a few seconds for those in hand, then workers, then the store."""
        self._backend.stopping.set()
        self._health.stop()
        stopped = [port.stop(_GRACE_SECONDS) for port in (self._ports.main, self._ports.enrol)]
        for event in stopped:
            event.wait()
        # gRPC is done with a call before the thread that served it is.
        for threads in self._threads:
            threads.shutdown()
        self._interceptor.calls.stop()
        for worker in self._workers:
            worker.stop()
        if self._metrics_server is not None:
            self._metrics_server.close()
        self._backend.store.close()
        log().info("stopped")

    def _workers_alive(self) -> bool:
        calls = self._interceptor.calls.alive()
        return calls and all(worker.alive() for worker in self._workers)

    def _build(self) -> _Ports:
        options = channel_options(self._backend.limits)
        ports = _Ports(
            _server(self._interceptor, self._threads[0], _THREADS, options),
            _server(self._interceptor, self._threads[1], _ENROL_THREADS, options),
        )
        _register(ports.main, self._components)
        enrolment(self._backend).register(ports.enrol)
        for port in (ports.main, ports.enrol):
            self._health.register(port)
        return ports

    def _serve_metrics(self) -> str:
        if not self._metrics_address:
            return ""
        self._metrics_server = MetricsServer(self._metrics, self._metrics_address)
        return self._metrics_server.address

    def _listen(self, identity: ServerIdentity) -> Serving:
        pair = [(identity.key, identity.chain)]
        mutual = grpc.ssl_server_credentials(
            pair, root_certificates=self._backend.authority.pem, require_client_auth=True
        )
        config: Config = self._home.config
        return Serving(
            _bind(self._ports.main, config.listen, mutual),
            _bind(self._ports.enrol, config.enrol_listen, grpc.ssl_server_credentials(pair)),
            os.getpid(),
            self._serve_metrics(),
        )


def _log_health(failing: tuple[str, ...]) -> None:
    if failing:
        log().warning("unhealthy", failing=failing)
    else:
        log().info("healthy")


def _services() -> tuple[str, ...]:
    return tuple(sorted({method.split("/")[1] for method in RULES}))


def _server(
    interceptor: Interceptor,
    threads: ThreadPoolExecutor,
    most: int,
    options: Sequence[tuple[str, int]],
) -> grpc.Server:
    return grpc.server(
        threads,
        interceptors=[interceptor],
        options=list(options),
        # A call beyond that is refused at once instead of waiting for a thread unseen.
        maximum_concurrent_rpcs=most,
    )


def _register(server: grpc.Server, components: Sequence[Component]) -> None:
    for component in components:
        component.register(server)


def _bind(server: grpc.Server, address: str, credentials: grpc.ServerCredentials) -> str:
    try:
        port = server.add_secure_port(address, credentials)
    except RuntimeError as error:
        problem = f"Cannot listen on {address}: it is taken or not an address of this machine."
        raise TacitError(Code.USAGE, problem=problem) from error
    return f"{address.rpartition(':')[0]}:{port}"
