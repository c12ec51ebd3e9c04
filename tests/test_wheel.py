"""The wheel, installed where neither the checkout nor its grammar folder can be seen."""

import subprocess
import sys
import venv
import zipfile

import pytest
from conftest import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = "from hatchling.builders.wheel import WheelBuilder; import sys; print(next(WheelBuilder(sys.argv[1]).build(directory=sys.argv[2])))"
    done = subprocess.run([sys.executable, "-c", build, str(ROOT), str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


def test_it_holds_the_grammar_and_no_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "gradcli/grammar/plain.lark" in names
    assert "gradcli/py.typed" in names
    assert {"gradcli/render/page/assets/page.css", "gradcli/render/page/assets/page.js"} <= set(names)
    assert {"gradcli/render/picture/fonts/DejaVuSans.ttf", "gradcli/render/picture/fonts/DejaVuSans-Oblique.ttf", "gradcli/render/picture/fonts/LICENSE.txt"} <= set(names)
    assert not [name for name in names if name.startswith(("tests", "samples", "grammar/"))]


def test_it_says_where_the_command_and_the_pytest_plugin_are(wheel):
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt"))
    points = archive.read(name).decode()
    assert "[console_scripts]\ngradcli = gradcli.__main__:main" in points
    assert "[pytest11]\ngradcli = gradcli.pytest_plugin" in points


def test_it_runs_from_another_directory(wheel, tmp_path):
    # the libraries of this environment, and nothing of this checkout
    venv.create(tmp_path / "v", with_pip=False)
    site = next((tmp_path / "v").glob("lib/python*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    libraries = next(p for p in sys.path if p.endswith("site-packages"))
    code = (
        f"import sys; sys.path.append({libraries!r}); import gradcli; from gradcli.__main__ import run;"
        "assert 'site-packages' in gradcli.__file__, gradcli.__file__;"
        "from gradcli.syntax.tables import grammar_text; assert grammar_text('worksheet');"
        "from importlib.resources import files; assert files('gradcli.render.page').joinpath('assets', 'page.js').read_text('utf-8');"
        "sys.exit(run(['(x+y)*z', 'x=-2', 'y=5', 'z=-4', '-q']))"
    )
    done = subprocess.run([str(tmp_path / "v" / "bin" / "python"), "-I", "-c", code], capture_output=True, cwd=tmp_path, check=False)
    assert done.stdout == b"df/dx\t-4.0\ndf/dy\t-4.0\ndf/dz\t3.0\n", done.stderr
