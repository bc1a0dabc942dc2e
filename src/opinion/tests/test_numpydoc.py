"""Every public name of the engine says what it does, takes, gives and refuses, in the form of numpydoc."""

import ast
import re
from pathlib import Path

import pytest

import opinion

ROOT = Path(opinion.__file__).parent
MODULES = sorted(path for path in ROOT.rglob("*.py") if "tests" not in path.relative_to(ROOT).parts)
SECTION = re.compile(r"^ *(\w[\w ]*)\n *-{3,}$", re.MULTILINE)
ARRAYS = re.compile(r"\bndarray\b")


def public_names(tree):
    """What ``__all__`` lists; without it whatever has no underscore."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "__all__" for t in node.targets):
            return set(ast.literal_eval(node.value))
    return {
        getattr(node, "name", "_") for node in tree.body if not getattr(node, "name", "_").startswith("_")
    }


def sections_of(text):
    """Parts of a docstring by their headings; the summary under an empty one."""
    places = list(SECTION.finditer(text))
    ends = [place.start() for place in places[1:]] + [len(text)] * bool(places)
    parts = {"": text[: places[0].start()] if places else text}
    return parts | {
        place[1].strip(): text[place.end() : end] for place, end in zip(places, ends, strict=True)
    }


def parameters_of(function):
    args = function.args
    named = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    return [arg.arg for arg in named if arg.arg not in ("self", "cls")]


def gives_something(function):
    """Whether it returns more than ``None`` or itself."""
    returns = function.returns
    return returns is not None and ast.unparse(returns) not in ("None", "Self")


def raises_input_error(function):
    raised = [node.exc for node in ast.walk(function) if isinstance(node, ast.Raise) and node.exc is not None]
    return any(getattr(getattr(e, "func", e), "id", "") == "InputError" for e in raised)


def faults_of_function(function, where, *, short):
    """What is missing. `short` ones, whose one sentence tells all, need no sections for what they give."""
    text = ast.get_docstring(function)
    if not text:
        return [f"{where}: no docstring"]
    parts = sections_of(text)
    summary = parts[""].strip().split("\n\n")[0]
    faults = (
        []
        if re.search(r"[.:;?)»”…]$", summary)
        else [f"{where}: the summary is no sentence: {summary[-40:]!r}"]
    )
    given = parts.get("Parameters", "")
    names = [name.strip(" *") for line in re.findall(r"^( *\*{0,2}\w[\w, *]*?)(?: :|$)", given, re.MULTILINE)
             for name in line.split(",")]  # fmt: skip
    wanted = parameters_of(function)
    if "Parameters" in parts or not short:
        faults += [f"{where}: parameter {name} is not told" for name in wanted if name not in names]
    if "Parameters" in parts and (
        more := [n for n in re.findall(r"^(\w+) :", given, re.MULTILINE) if n not in wanted]
    ):
        faults += [f"{where}: {', '.join(more)} is told but is no parameter"]
    if not short and gives_something(function) and "Returns" not in parts and "Yields" not in parts:
        faults.append(f"{where}: what it returns is not told")
    if raises_input_error(function) and "Raises" not in parts and not short:
        faults.append(f"{where}: raises InputError without saying so")
    return faults


def faults_of_arrays(text, where):
    """Arrays whose entry tells no shape, neither in its line nor in the words under it."""
    entries = re.split(r"^(?=\w)", text, flags=re.MULTILINE)
    return (
        [
            f"{where}: {entry.splitlines()[0].strip()} has no shape"
            for name, part in sections_of(text).items()
            if name in ("Parameters", "Returns", "Attributes")
            for entry in re.split(r"^(?=\S)", part, flags=re.MULTILINE)
            if entry.strip()
            and ARRAYS.search(entry.splitlines()[0])
            and "shape" not in entry
            and "parallel" not in text
        ]
        if entries
        else []
    )


def is_prose(function):
    """Whether the docstring has no sections at all: then its sentences tell everything. Once it has one, it has all."""
    return len(sections_of(ast.get_docstring(function) or "").keys() - {"", "Examples", "References"}) == 0


def is_short(function):
    """A function or method that takes nothing, or is told whole by one sentence: a property, a special method."""
    decorated = {ast.unparse(d).split(".")[-1] for d in function.decorator_list}
    return bool(decorated & {"property", "cached_property", "overload"}) or function.name.startswith("__")


def faults_of_module(source, name):
    tree = ast.parse(source)
    faults = [] if ast.get_docstring(tree) else [f"{name}: no docstring"]
    names = public_names(tree)
    for node in tree.body:
        if getattr(node, "name", None) not in names:
            continue
        where = f"{name}.{node.name}"
        if isinstance(node, ast.FunctionDef):
            faults += faults_of_function(node, where, short=is_prose(node))
            faults += faults_of_arrays(ast.get_docstring(node) or "", where)
        elif isinstance(node, ast.ClassDef):
            faults += faults_of_class(node, where)
    return faults


def faults_of_class(node, where):
    text = ast.get_docstring(node)
    if not text:
        return [f"{where}: no docstring"]
    faults = faults_of_arrays(text, where)
    told = sections_of(text)
    fields = [
        f.target.id for f in node.body if isinstance(f, ast.AnnAssign) and isinstance(f.target, ast.Name)
    ]
    fields = [name for name in fields if not name.startswith("_")]
    listed = told.get("Attributes", "") + told.get("Parameters", "")
    if len(fields) > 1 and "Attributes" in told:
        faults += [f"{where}: attribute {name} is not told" for name in fields
                   if not re.search(rf"\b{name}\b", listed)]  # fmt: skip
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
            faults += faults_of_function(
                method, f"{where}.{method.name}", short=is_short(method) or is_prose(method)
            )
            faults += faults_of_arrays(ast.get_docstring(method) or "", f"{where}.{method.name}")
    return faults


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_public_names_are_documented(path):
    name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
    assert faults_of_module(path.read_text("utf-8"), name) == []


@pytest.mark.parametrize(
    "name", sorted(set(opinion.__all__) - {"__version__", "ENGINE_VERSION", "AGREE", "PASS", "DISAGREE"})
)
def test_the_first_names_tell_all(name):
    """What ``from opinion import …`` gives has every section that applies, however short it is."""
    thing = getattr(opinion, name)
    text = thing.__doc__ or ""
    parts = sections_of(text)
    assert len(parts[""].strip()) > 20
    if callable(thing) and not isinstance(thing, type):
        assert "Parameters" in parts and "Returns" in parts
    else:
        assert {"Attributes", "Parameters"} & set(parts) or "Made by" in text


BAD = '''
"""A module."""
__all__ = ["f", "g", "C"]

def f(a, b):
    """No sentence at its end

    Parameters
    ----------
    a : ndarray
    c : int
    """
    raise InputError("no")

def g(x) -> int:
    pass

class C:
    """Things.

    Attributes
    ----------
    one : int
    """
    one: int
    two: int
'''


def test_the_check_sees_what_is_missing():
    assert faults_of_module(BAD, "m") == [
        "m.f: the summary is no sentence: 'No sentence at its end'",
        "m.f: parameter b is not told",
        "m.f: c is told but is no parameter",
        "m.f: raises InputError without saying so",
        "m.f: a : ndarray has no shape",
        "m.g: no docstring",
        "m.C: attribute two is not told",
    ]
