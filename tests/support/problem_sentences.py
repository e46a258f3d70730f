"""Find, in the sources, every sentence that an error can be raised with.

A small data flow over the syntax trees: it starts where a `TacitError` gets its `problem`, `what` or
`where` and where a problem of a file or schema gets its sentence, and follows names, parameters,
returned values and tables back to the literals. Places of a template are given as `{}`.
"""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import TypeVar

SAID = ("problem", "what", "where")
"""Parameters of a `TacitError` that hold words."""

PLACE = "{}"
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_DEEPEST = 12

_Node = TypeVar("_Node", bound=ast.AST)
Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.Module


@dataclass(slots=True)
class Sources:
    """Every module's tree, and what is defined in them by name."""

    functions: dict[str, list[ast.FunctionDef]] = field(default_factory=lambda: defaultdict(list))
    classes: dict[str, list[ast.ClassDef]] = field(default_factory=lambda: defaultdict(list))
    constants: dict[str, list[ast.expr]] = field(default_factory=lambda: defaultdict(list))
    calls: dict[str, list[tuple[ast.Call, Scope]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    modules: dict[ast.AST, ast.Module] = field(default_factory=dict)

    def near(self, name: str, found: Iterable[_Node], scope: Scope) -> list[_Node]:
        """Give those of `found` that `name` may mean in `scope`: a private name stays at home."""
        home = self.modules[scope]
        return [n for n in found if not name.startswith("_") or self.modules[n] is home]


def read_sources(paths: Iterable[Path]) -> Sources:
    """Parse modules and index them."""
    found = Sources()
    for path in paths:
        module = ast.parse(path.read_text("utf-8"))
        for statement in module.body:
            for name, value in _bindings(statement):
                found.constants[name].append(value)
        found.modules.update(dict.fromkeys(ast.walk(module), module))
        _index(module, module, found)
    return found


def _index(node: ast.AST, scope: Scope, found: Sources) -> None:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            found.functions[child.name].append(child)
        if isinstance(child, ast.ClassDef):
            found.classes[child.name].append(child)
        if isinstance(child, ast.Call):
            found.calls[_name(child.func)].append((child, scope))
        _index(child, child if isinstance(child, _FUNCTIONS) else scope, found)


def _bindings(statement: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            if isinstance(target, ast.Name):
                yield target.id, statement.value
            elif isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple):
                for name, value in zip(target.elts, statement.value.elts, strict=False):
                    if isinstance(name, ast.Name):
                        yield name.id, value
    elif isinstance(statement, ast.AnnAssign | ast.NamedExpr):
        target, given = statement.target, statement.value
        if isinstance(target, ast.Name) and given is not None:
            yield target.id, given


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


class Collector:
    """Collects templates; `templates` has them once `collect` is done."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self.templates: dict[str, str] = {}
        self._followed: set[tuple[str, str, Scope | None]] = set()

    def collect(
        self, seeds: Mapping[str, int | str], tables: Iterable[str] = (), said: Sequence[str] = SAID
    ) -> set[str]:
        """Follow everything back.

        Args:
            seeds: class or function to the position of its argument that holds words.
            tables: functions and constants of which every text with a blank is words.
            said: parameters of a `TacitError` to follow.
        """
        for name in tables:
            self._everything_in(name)
        for call, scope in self._sources.calls["TacitError"] + self._sources.calls["__init__"]:
            for keyword in call.keywords:
                if keyword.arg in said:
                    self._take(keyword.value, scope)
        for name, place in seeds.items():
            self._callers(name, place)
        return set(self.templates)

    def _everything_in(self, name: str) -> None:
        for function in self._sources.functions.get(name, ()):
            for statement in function.body:
                if not _is_docstring(statement):
                    self._take_all(statement, function, name)
        for value in self._sources.constants.get(name, ()):
            self._take_all(value, self._sources.modules[value], name)

    def _take_all(self, home: ast.AST, scope: Scope, name: str) -> None:
        templates = [node for node in ast.walk(home) if isinstance(node, ast.JoinedStr)]
        inner = {part for template in templates for part in template.values}
        for node in ast.walk(home):
            if isinstance(node, ast.JoinedStr | ast.Constant) and node not in inner:
                for template in self._templates(node, scope, _DEEPEST):
                    if " " in template.strip():
                        self.templates.setdefault(template, name)

    def _callers(
        self,
        name: str,
        argument: int | str,
        position: int | None = None,
        origin: Scope | None = None,
    ) -> None:
        at = (name, str(argument), origin if name.startswith("_") else None)
        if at in self._followed:
            return
        self._followed.add(at)
        for call, scope in self._calls(name, origin):
            given = [k.value for k in call.keywords if k.arg == argument]
            place = argument if isinstance(argument, int) else position
            if not given and place is not None and place < len(call.args):
                given = [call.args[place]]
            for expression in given:
                self._take(expression, scope)

    def _calls(self, name: str, origin: Scope | None) -> list[tuple[ast.Call, Scope]]:
        calls = self._sources.calls[name]
        if origin is None or not name.startswith("_"):
            return calls
        return [(c, s) for c, s in calls if self._sources.near(name, [c], origin)]

    def _take(self, expression: ast.expr, scope: Scope) -> None:
        for template in self._templates(expression, scope, _DEEPEST):
            self.templates.setdefault(template, ast.unparse(expression))

    def _templates(self, node: ast.expr, scope: Scope, depth: int) -> list[str]:  # noqa: C901, PLR0911, PLR0912
        if not depth:
            return [PLACE]
        below = depth - 1
        match node:
            case ast.Constant(value=str(text)):
                return [text.replace("{", "{{").replace("}", "}}") if text != PLACE else text]
            case ast.Constant():
                return []
            case ast.JoinedStr(values=parts):
                for part in parts:
                    if isinstance(part, ast.FormattedValue):
                        self._inner(part.value, scope, below)
                return ["".join(self._part(part) for part in parts)]
            case ast.IfExp():
                return self._all((node.body, node.orelse), scope, below)
            case ast.BoolOp(values=values):
                return self._all(values, scope, below)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                pairs = product(
                    self._templates(left, scope, below), self._templates(right, scope, below)
                )
                return ["".join(pair) for pair in pairs]
            case ast.NamedExpr(value=value):
                return self._templates(value, scope, below)
            case ast.Name(id=name):
                return self._of_name(name, scope, below)
            case ast.Subscript(value=ast.Name(id=name)) if name in self._sources.constants:
                return self._of_table(name, scope, below)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=args):
                return self._of_table(name, scope, below) + self._all(args[1:], scope, below)
            case ast.Call(func=function, args=args):
                if _name(function) == "str" and args:
                    return [PLACE]
                return self._of_call(_name(function), scope, below)
            case _:
                return [PLACE]

    def _all(self, nodes: Iterable[ast.expr], scope: Scope, depth: int) -> list[str]:
        return [text for node in nodes for text in self._templates(node, scope, depth)]

    def _part(self, part: ast.expr) -> str:
        if isinstance(part, ast.Constant):
            return str(part.value).replace("{", "{{").replace("}", "}}")
        return PLACE

    def _inner(self, node: ast.expr, scope: Scope, depth: int) -> None:
        """Take the words that a template itself is filled with."""
        if isinstance(node, ast.Name | ast.Call | ast.IfExp | ast.Subscript):
            for text in self._templates(node, scope, depth):
                if " " in text.strip():
                    self.templates.setdefault(text, f"inner {ast.unparse(node)}")

    def _of_name(self, name: str, scope: Scope, depth: int) -> list[str]:
        values = [v for n in ast.walk(scope) for k, v in _bindings(n) if k == name]
        if values and not isinstance(scope, ast.Module):
            return self._all(values, scope, depth)
        if not isinstance(scope, ast.Module):
            self._of_parameter(name, scope)
        known = self._sources.near(name, self._sources.constants.get(name, ()), scope)
        if known and not self._is_parameter(name, scope):
            return self._all(known, scope, depth)
        return [PLACE]

    def _is_parameter(self, name: str, scope: Scope) -> bool:
        return not isinstance(scope, ast.Module) and any(
            a.arg == name for a in (*scope.args.args, *scope.args.kwonlyargs)
        )

    def _of_parameter(self, name: str, scope: Scope) -> None:
        if not isinstance(scope, ast.FunctionDef) or not self._is_parameter(name, scope):
            return
        names = [a.arg for a in scope.args.args if a.arg not in ("self", "cls")]
        position = names.index(name) if name in names else None
        called = scope.name
        if called == "__init__":
            called = next(
                (c.name for cs in self._sources.classes.values() for c in cs if scope in c.body), ""
            )
        self._callers(called, name, position, scope)

    def _of_table(self, name: str, scope: Scope, depth: int) -> list[str]:
        found = []
        for value in self._sources.near(name, self._sources.constants.get(name, ()), scope):
            if isinstance(value, ast.Dict):
                found += self._all(value.values, scope, depth)
        return found or [PLACE]

    def _of_call(self, name: str, scope: Scope, depth: int) -> list[str]:
        found = []
        for function in self._sources.near(name, self._sources.functions.get(name, ()), scope):
            for node in ast.walk(function):
                if isinstance(node, ast.Return) and node.value is not None:
                    found += self._templates(node.value, function, depth)
        return found or [PLACE]
