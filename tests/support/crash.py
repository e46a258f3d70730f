"""Run `tacit`, or a module of it, so that it kills itself, with SIGKILL, at a chosen call.

    python tests/support/crash.py [POINT...] -- tacit's arguments
    python tests/support/crash.py [POINT...] -- -m tacit.coordinator.serve arguments

With `--nursery MODULE [LOADED...]` instead of all that, it loads the modules once and then forks
the first as a program for each line `{"points": [...], "arguments": [...]}` that it reads, one at a time; when a program has
ended it writes `{"event": "ended", "code": ...}`. Loading takes longer than a restart is worth.

POINT is `module:function:when:nth`, as in `tacit.coordinator.runs:Worker.step:before:1`: the
process dies before or after (`when`) the `nth` call of that function, counted from 1. The
function's own code object is replaced, so every reference to it, however imported, is reached.
No product code knows of this.
"""

import importlib
import json
import os
import signal
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any

_WRAPPER = "def {name}(*args, **kwargs):\n    return {hook}(args, kwargs)\n"


def arm(point: str) -> None:
    """Replace the code of the function that `point` names.

    Raises:
        ValueError: the point is malformed.
        TypeError: the function closes over variables, and so cannot be replaced in place.
    """
    module_name, _, rest = point.partition(":")
    try:
        path, when, nth = rest.split(":")
        at = int(nth)
    except ValueError as error:
        raise ValueError(f"malformed point {point}") from error
    if when not in {"before", "after"} or at < 1:
        raise ValueError(f"malformed point {point}")
    target: Any = importlib.import_module(module_name)
    for part in path.split("."):
        target = getattr(target, part)
    function = getattr(target, "__func__", target)
    if function.__code__.co_freevars:
        raise TypeError(f"{point} is a closure")
    _replace(function, _hook(_copy(function), when, at))


def _copy(function: types.FunctionType) -> types.FunctionType:
    copy = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


def _hook(original: Callable[..., Any], when: str, at: int) -> Callable[..., Any]:
    calls = 0

    def hook(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        nonlocal calls
        calls += 1
        mine = calls
        if when == "before" and mine == at:
            die()
        result = original(*args, **kwargs)
        if when == "after" and mine == at:
            die()
        return result

    return hook


def _replace(function: types.FunctionType, hook: Callable[..., Any]) -> None:
    name = f"__crash_hook_{id(function)}__"
    function.__globals__[name] = hook
    namespace: dict[str, Any] = {}
    exec(_WRAPPER.format(name="wrapper", hook=name), function.__globals__, namespace)
    function.__code__ = namespace["wrapper"].__code__
    function.__defaults__ = None
    function.__kwdefaults__ = None


def die() -> None:
    """Leave no chance to clean up."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(argv: Sequence[str]) -> int:
    """Arm every point, then be `tacit`."""
    if argv[:1] == ["--nursery"]:
        return nursery(argv[1], argv[2:])
    split = argv.index("--")
    command = list(argv[split + 1 :])
    module = "tacit.cli.main"
    if command[:1] == ["-m"]:
        module, command = command[1], command[2:]
    return be(module, argv[:split], command)


def be(module: str, points: Sequence[str], arguments: Sequence[str]) -> int:
    """Be a program, armed."""
    for point in points:
        arm(point)
    program = importlib.import_module(module)
    sys.argv = [module, *arguments]
    code: int = program.main()
    return code


def nursery(module: str, loaded: Sequence[str]) -> int:
    """Fork one program after the other from this process, which does nothing else."""
    for name in (module, *loaded):
        importlib.import_module(name)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            os._exit(be(module, order["points"], order["arguments"]))
        _, status = os.waitpid(child, 0)
        ended = {"event": "ended", "code": os.waitstatus_to_exitcode(status)}
        sys.stdout.write(json.dumps(ended) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
