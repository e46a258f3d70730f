"""`tacit coordinator`: set up and run the coalition's service, invite members."""

from pathlib import Path
from typing import Any

import click

from tacit.cli.command import Group
from tacit.cli.coordinator_backup import backup, restore
from tacit.cli.coordinator_members import invite, members, revoke
from tacit.cli.coordinator_options import database_file as database_option
from tacit.cli.coordinator_options import key_passphrase, key_passphrase_file
from tacit.cli.coordinator_receipts import receipts
from tacit.cli.doctor.command import coordinator_doctor
from tacit.cli.options import coordinator_home, first_line
from tacit.cli.output import Output
from tacit.cli.probe import ask_health
from tacit.coordinator.config import Config
from tacit.coordinator.home import Serving, init_home, open_home
from tacit.coordinator.log import configure_log
from tacit.linkage.errors import Code, TacitError

_DEFAULTS = Config("")


@click.group(cls=Group)
def coordinator() -> None:
    """Run the coalition's service."""


@coordinator.command()
@click.option("--name", required=True, help="What people call the coalition.")
@click.option("--listen", default=_DEFAULTS.listen, show_default=True, metavar="HOST:PORT",
              help="Where members' nodes connect; port 0 takes a free one.")  # fmt: skip
@click.option("--enrol-listen", default=_DEFAULTS.enrol_listen, show_default=True,
              metavar="HOST:PORT", help="Where new nodes enrol.")  # fmt: skip
@click.option("--address", default="", metavar="HOST:PORT",
              help="How nodes reach --listen, if by another address.")  # fmt: skip
@click.option("--enrol-address", default="", metavar="HOST:PORT",
              help="How nodes reach --enrol-listen, if by another address.")  # fmt: skip
@click.option("--confirmations", type=click.IntRange(0, 10), default=_DEFAULTS.confirmations,
              show_default=True,
              help="How many members must confirm a newcomer before it may do anything.")  # fmt: skip
@click.option("--certificate-days", type=click.IntRange(1, 3650),
              default=_DEFAULTS.certificate_days, show_default=True,
              help="Days that a member's certificate holds; nodes renew theirs in time.")  # fmt: skip
@database_option
@key_passphrase_file
@coordinator_home
@click.pass_obj
def init(
    out: Output,
    /,
    *,
    name: str,
    database_file: Path | None,
    passphrase_file: Path | None,
    home: Path,
    **chosen: Any,
) -> None:
    """Set up a coordinator: configuration, certificate authority, ledger key, database."""
    database = first_line(database_file) if database_file else ""
    config = Config(coalition=name, database=database, **chosen)
    made = init_home(home, config, key_passphrase(passphrase_file))
    out.document({"home": made.path, "coalition": name, "listen": config.listen})
    out.say("The coordinator of {name} is set up in {home}.", name=name, home=made.path)
    out.say("Start it with `tacit coordinator serve`, then invite members.")


@coordinator.command()
@click.option("--metrics", default="", metavar="HOST:PORT",
              help="Serve Prometheus metrics here, on loopback; off unless configured.")  # fmt: skip
@key_passphrase_file
@coordinator_home
@click.pass_obj
def serve(out: Output, metrics: str, passphrase_file: Path | None, home: Path) -> None:
    """Serve until SIGTERM or Ctrl-C; logs JSON lines to standard error."""
    # The engine takes seconds to load, which no other command should wait for.
    from tacit.coordinator import serve as service  # noqa: PLC0415

    configure_log()

    def ready(serving: Serving) -> None:
        out.document(serving)
        out.say(
            "Serving members on {address}, enrolment on {enrol}.",
            address=serving.address,
            enrol=serving.enrol_address,
        )
        if serving.metrics_address:
            out.say("Metrics at http://{address}/metrics.", address=serving.metrics_address)

    service.serve(home, ready, key_passphrase(passphrase_file), metrics=metrics)


@coordinator.command()
@click.option("--timeout", type=click.FloatRange(0.1, 60), default=5.0, show_default=True,
              help="Seconds to wait for an answer.")  # fmt: skip
@coordinator_home
@click.pass_obj
def health(out: Output, timeout: float, home: Path) -> None:
    """Ask the running coordinator whether it works; exit code 10 where it does not."""
    found = open_home(home)
    serving = found.read_serving()
    if serving is None:
        raise TacitError(Code.UNAVAILABLE, "it never served", address=found.config.listen)
    ask_health(found.authority_certificate(), serving.enrol_address, timeout)
    out.document({"serving": True, "address": serving.address})
    out.say("The coordinator at {address} works.", address=serving.address)


for _command in (invite, members, revoke, receipts):
    coordinator.add_command(_command)
coordinator.add_command(backup)
coordinator.add_command(restore)
coordinator.add_command(coordinator_doctor, "doctor")
