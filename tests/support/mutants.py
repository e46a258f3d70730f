"""Code with one check less, put into a running process and taken out again.

A mutant is the code object of a function whose source was changed in one place. It takes the
place of the function's own code, so that whoever holds the function runs the mutant.
"""

import ast
import importlib
import inspect
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

# Functions that raise where something does not hold, or count what a limit is for.
_CHECK = re.compile(
    r"^_?(check|verify|require|enrolment|remember|count)"
    r"|^_?(take|call|current|fresh|same_epoch|unfinished|in_range)$"
)
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass(frozen=True, slots=True)
class Mutant:
    """A function with one change.

    Attributes:
        module: the function's module.
        function: its qualified name.
        line: of the change.
        what: the change.
        code: the function's code with it.
    """

    module: str
    function: str
    line: int
    what: str
    code: CodeType

    @property
    def name(self) -> str:
        """What it is called, wherever its line may move to."""
        return f"{self.module}.{self.function}: {self.what}"

    def __str__(self) -> str:
        return f"{self.module}.{self.function}:{self.line}: {self.what}"

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Let the mutant run as long as the block lasts."""
        function = _function(self.module, self.function)
        kept, function.__code__ = function.__code__, self.code
        try:
            yield
        finally:
            function.__code__ = kept


REACHED: dict[str, set[str]] = {}
"""Which tests came to a function, by its full name; only functions with a probe are here."""


def reached(name: str) -> None:
    """Remember that the test under way came to a function."""
    test, _, _ = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")
    if test:
        REACHED.setdefault(name, set()).add(test)


def probes_of(module: str) -> list[Mutant]:
    """Make of every function of a module one that does the same and tells that it was reached."""
    source = Path(str(importlib.import_module(module).__file__)).read_text("utf-8")
    tree = ast.parse(source)
    for path, node in _functions(tree):
        [told] = ast.parse(f"__import__({__name__!r}).reached({f'{module}.{path}'!r})").body
        node.body.insert(0, told)
    ast.fix_missing_locations(tree)
    code = compile(tree, module, "exec")
    return [
        Mutant(module, path, node.lineno, "", _code(code, path.split(".")))
        for path, node in _functions(tree)
    ]


def mutants_of(module: str) -> list[Mutant]:
    """Make every mutant of a module that lacks a check or a part of one."""
    source = Path(str(importlib.import_module(module).__file__)).read_text("utf-8")
    tree = ast.parse(source)
    made = []
    for path, node in _functions(tree):
        for line, what, change in _changes(node):
            changed = deepcopy(tree)
            _apply(changed, node, change)
            ast.fix_missing_locations(changed)
            code = _code(compile(changed, str(path), "exec"), path.split("."))
            made.append(Mutant(module, path, line, what, code))
    return made


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield f"{node.name}.{inner.name}", inner


_Change = Callable[[Any], Any]


def _changes(function: ast.FunctionDef) -> Iterator[tuple[int, str, tuple[int, _Change]]]:
    """Give line, words and the change itself, by the place of its node in a walk."""
    for place, node in enumerate(ast.walk(function)):
        if isinstance(node, ast.If) and not node.orelse and _refuses(node.body[-1]):
            what = f"without 'if {ast.unparse(node.test)}'"
            yield node.lineno, what, (place, _nothing)
            yield from _parts(node, place, "test")
        if isinstance(node, ast.Return) and node.value is not None:
            yield from _parts(node, place, "value")
        if isinstance(node, ast.IfExp) and _is_none(node.body):
            yield from _parts(node, place, "test")
        if isinstance(node, _Comprehension):
            yield from _filters(node, place)
        if isinstance(node, ast.Tuple) and _is_rule(node):
            what = f"without '{ast.unparse(node.elts[0])}'"
            yield node.lineno, what, (place, _always)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called = ast.unparse(node.value.func).rpartition(".")[2]
            if _CHECK.match(called):
                what = f"without '{ast.unparse(node.value)}'"
                yield node.lineno, what, (place, _nothing)


def _nothing(_: Any) -> Any:
    return ast.Pass()


def _parts(node: Any, place: int, name: str) -> Iterator[tuple[int, str, tuple[int, _Change]]]:
    """Leave out one part of a condition that has several."""
    value = getattr(node, name)
    negated = isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)
    inner = value.operand if negated else value
    # What must hold is joined by "and", what must not by "or".
    joined = ast.And if negated or name == "value" else ast.Or
    if isinstance(inner, ast.BoolOp) and isinstance(inner.op, joined):
        parts = inner.values
    elif isinstance(inner, ast.Compare) and len(inner.ops) > 1 and joined is ast.And:
        parts = inner.comparators
    else:
        return
    for number, part in enumerate(parts):

        def change(found: Any, number: int = number) -> Any:
            value = getattr(found, name)
            _drop(value.operand if negated else value, number)
            return found

        yield node.lineno, f"without part {number + 1}, '{ast.unparse(part)}'", (place, change)


def _filters(node: _Comprehension, place: int) -> Iterator[tuple[int, str, tuple[int, _Change]]]:
    """Let through what a comprehension leaves out, by one part of its condition after the other."""
    for number, generator in enumerate(node.generators):
        for which, test in enumerate(generator.ifs):
            parts = test.values if isinstance(test, ast.BoolOp) else [test]
            if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
                parts = [test]
            for part, words in enumerate(parts):

                def change(
                    found: Any, number: int = number, which: int = which, part: int = part
                ) -> Any:
                    tests = found.generators[number].ifs
                    if isinstance(tests[which], ast.BoolOp) and isinstance(
                        tests[which].op, ast.And
                    ):
                        _drop(tests[which], part)
                    else:
                        tests[which] = ast.Constant(True)
                    return found

                yield test.lineno, f"without filter '{ast.unparse(words)}'", (place, change)


def _refuses(statement: ast.stmt) -> bool:
    """Say whether a block ends by raising, or by giving nothing: None, False or an empty list."""
    if not isinstance(statement, ast.Return):
        return isinstance(statement, ast.Raise)
    given = statement.value
    if isinstance(given, ast.List):
        return not given.elts
    return isinstance(given, ast.Constant) and given.value in {None, False}


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_rule(node: ast.Tuple) -> bool:
    """Say whether a pair is a condition with the name of what it is for, one of a table of rules."""
    if len(node.elts) != 2:
        return False
    condition, name = node.elts
    named = isinstance(name, ast.Constant) and isinstance(name.value, str)
    return named and isinstance(condition, ast.Compare | ast.BoolOp | ast.Call)


def _always(rule: Any) -> Any:
    rule.elts[0] = ast.Constant(True)
    return rule


def _drop(condition: Any, number: int) -> None:
    if isinstance(condition, ast.BoolOp):
        constant = ast.Constant(isinstance(condition.op, ast.And))
        condition.values[number] = constant
    else:
        # a <= b <= c without one side: the other operator alone.
        sides = [condition.left, *condition.comparators]
        keep = 1 - number
        condition.left, condition.comparators = sides[keep], [sides[keep + 1]]
        condition.ops = [condition.ops[keep]]


def _apply(tree: ast.Module, function: ast.FunctionDef, change: tuple[int, _Change]) -> None:
    place, make = change
    [twin] = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and (node.name, node.lineno) == (function.name, function.lineno)
    ]
    target = list(ast.walk(twin))[place]
    replacement = make(target)
    if replacement is target:
        return
    for parent in ast.walk(twin):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, list) and target in value:
                getattr(parent, field)[value.index(target)] = replacement


def _code(code: CodeType, path: list[str]) -> CodeType:
    for name in path:
        [code] = [c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name]
    return code


def _function(module: str, path: str) -> FunctionType:
    found: Any = importlib.import_module(module)
    for name in path.split("."):
        found = (
            inspect.getattr_static(found, name) if inspect.isclass(found) else getattr(found, name)
        )
    found = found.fget if isinstance(found, property) else found
    function = inspect.unwrap(found)
    assert isinstance(function, FunctionType)
    return function
