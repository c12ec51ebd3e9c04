"""The house: imports run one way, modules stay small, and nothing dangerous is called."""

import ast
from pathlib import Path

import pytest

import gradcli

PACKAGE = Path(gradcli.__file__).parent
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if not p.name.endswith("_tables.py"))

# Lowest first. A module imports only from rooms above it, or from within its own.
ROOMS = [
    "light", "wording", "languages", "errors", "limits", "workers", "expr", "ops", "syntax", "rules", "products", "shapes", "notation", "ledger", "nested", "arithmetic", "backward", "conventions", "ratio", "simplify",
    "report", "gates", "circuit", "values", "digits", "point", "rescue", "slopes", "statuses", "steps", "higher", "quotients", "verify", "opinions", "solve", "operands", "batch", "judge", "classroom", "render", "output", "answer", "checking", "progress", "selftesting", "variants", "grading", "batching", "cli", "pytest_plugin", "__main__",
]  # fmt: skip
LIBRARIES = {
    "lark": ("syntax/build.py",), "rich": ("render/console.py", "render/table.py", "render/verdict_table.py", "render/grades/table.py", "render/grades/selftest_table.py", "progress.py"), "typer": ("cli/",),
    "resvg_py": ("render/picture/png.py",), "llvmlite": ("batch/native/",), "pyarrow": ("batch/points/", "batch/results/columnar.py"),
}  # fmt: skip
NUMPY = {"judge/formulas.py", "judge/kinks.py", "opinions.py", "arithmetic/ieee.py", "arithmetic/array.py", "arithmetic/entries.py", "digits/further.py", "values/__init__.py", "values/files.py", "nested.py", "workers/alike.py", "batch/function.py", "batch/records.py", "batch/work.py", "batch/points/columnar.py", "batch/points/fast.py", "batch/points/gathered.py",
         "batch/results/columnar.py", "batch/results/digits.py", "batch/results/objects.py", "batch/results/text.py", "batch/results/writer.py"}
FLINT = {
    "arithmetic/ball.py", "arithmetic/certain.py", "arithmetic/germ.py", "arithmetic/complex.py", "arithmetic/reachable.py", "arithmetic/series.py", "arithmetic/powers.py", "arithmetic/turns.py", "arithmetic/winners.py",
    "quotients.py", "verify.py", "judge/numbers.py", "judge/polynomials.py", "judge/formulas.py", "judge/kinks.py", "judge/check.py", "judge/expected.py",
    "judge/agreement.py", "judge/diagnosis.py", "judge/slips/question.py", "judge/slips/arithmetics.py", "checking.py", "classroom/grading/roundings.py", "classroom/handwriting.py",
}  # fmt: skip


def room(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    """Yield (module, at the top level) of every import in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = set(map(id, tree.body))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{a.name}" for a in node.names] if node.module in ("gradcli", "gradcli.render") else [node.module]
            for name in names:
                yield name, id(node) in top
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in top


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_one_way(path):
    if path.name == "__init__.py" and path.parent == PACKAGE:
        assert not [name for name, top in imports(path) if top and name.startswith("gradcli.")]
        return
    for name, _ in imports(path):
        if name.startswith("gradcli.") and name != "gradcli.__version__":
            other = name.split(".")[1]
            assert ROOMS.index(other) <= ROOMS.index(room(path)), f"{path.name} imports {name} from a room above"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_libraries_stay_in_their_rooms(path):
    here = str(path.relative_to(PACKAGE))
    for name, top in imports(path):
        library = name.split(".")[0]
        if library in LIBRARIES:
            assert here.startswith(LIBRARIES[library]), f"{here} imports {library}"
        if library == "numpy":
            assert here in NUMPY or here.startswith("batch/")
            assert here.startswith(("arithmetic/", "batch/")) or not top
        if library == "flint":
            assert here in FLINT


@pytest.mark.parametrize("path", [p for p in MODULES if p.parent.name != "languages"], ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_stay_small(path):  # a language is one table, however many words there are
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 350, "a module that needs a tour: divide it"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_user_text_never_reaches_an_interpreter(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("eval", "exec", "compile", "__import__")
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("format", "format_map", "loads", "system", "popen")


def test_every_public_thing_has_a_docstring():
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), path
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{path.name}: {node.name}"


def test_the_table_of_contents_lists_every_room():
    contents = gradcli.__doc__
    for name in ROOMS[:-1]:
        assert name in contents, name
