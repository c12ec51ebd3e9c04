"""The recipes of samples/ci: their steps are run here, as their platforms run them, on the homework of samples/homework."""

import csv
import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

CI, HOMEWORK = ROOT / "samples" / "ci", ROOT / "samples" / "homework"
SCRIPTS = [CI / "gradescope" / "setup.sh", CI / "gradescope" / "run_autograder", CI / "prairielearn" / "run.sh"]
RIGHT, WRONG = HOMEWORK / "submissions" / "ann.grad", HOMEWORK / "submissions" / "boris.grad"
WORTH = 18


def read_yaml(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


# ---- a platform ---------------------------------------------------------------------------------------------


@pytest.fixture
def tools(tmp_path):
    """A folder of commands, as a platform would have them: gradcli is this one; what installs only writes down what it was asked for."""
    folder = tmp_path / "bin"
    for name in ("gradcli", "python", "python3"):
        command(folder / name, f'exec {sys.executable} {"-m gradcli " * (name == "gradcli")}"$@"\n')
    command(folder / "apt-get", f'echo "apt-get $*" >>{tmp_path}/asked.txt\n')
    for module in ("pip", "venv"):
        (folder / module).mkdir()
        code = f"import sys\nprint('{module}', *sys.argv[1:], file=open('{tmp_path}/asked.txt', 'a'))\n"
        (folder / module / "__main__.py").write_text(code, encoding="utf-8")
        (folder / module / "__init__.py").touch()
    return folder


def command(path, script):
    """Write a command."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}", encoding="utf-8")
    path.chmod(0o755)


def run(words, cwd, tools, **env):
    """Run a command as a platform does, with nothing of this process's environment that is about testing."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "GRADCLI"))} | env
    env |= {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": f"{tools}{os.pathsep}{ROOT}"}
    return subprocess.run([*map(str, words)], cwd=cwd, env=env, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)


def shell(script, cwd, tools, **env):
    """Run a step."""
    return run(["bash", "--noprofile", "--norc", "-euo", "pipefail", "-c", script], cwd, tools, **env)


def hand_in(path, answers):
    """Hand a file in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(answers, path)


# ---- GitHub, GitLab -----------------------------------------------------------------------------------------


def github(tmp_path, tools, answers):
    """Run the steps of the workflow in the checkout of a student; return the last, and the summary."""
    flow = read_yaml(CI / "github-actions.yml")
    repository, summary = tmp_path / "repository", tmp_path / "summary.md"
    for step in flow["jobs"]["grade"]["steps"]:
        if step.get("with", {}).get("path") == "course":
            hand_in(repository / "course" / "key.grad", HOMEWORK / "key.grad")
        elif "checkout" in step.get("uses", ""):
            hand_in(repository / "answers.grad", answers)
        if "run" in step:
            done = shell(step["run"], repository, tools, GITHUB_STEP_SUMMARY=str(summary), GITHUB_ACTIONS="true", **flow["env"])
    return done, summary.read_text(encoding="utf-8")


def test_github_passes_what_is_right(tmp_path, tools):
    done, summary = github(tmp_path, tools, RIGHT)
    assert done.returncode == 0, done.stderr
    assert re.match(r"::notice [^\n]*\n\Z", done.stdout), done.stdout
    assert "Ann Lee" in summary
    assert "pip install git+https://github.com/OWNER/gradcli\n" in (tmp_path / "asked.txt").read_text(encoding="utf-8")


def test_github_annotates_what_is_wrong(tmp_path, tools):
    done, summary = github(tmp_path, tools, WRONG)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert all(re.match(r"::(notice|error|warning) ", line) for line in lines)
    wrong = [n for n, line in enumerate(WRONG.read_text(encoding="utf-8").splitlines(), 1) if "ds/du" in line]
    assert any(f"file=answers.grad,line={wrong[0]}," in line for line in lines), done.stdout
    assert "0.2350" not in done.stdout + summary, "a hint does not tell the answer"
    assert "Борис Иванов" in summary


def gitlab(tmp_path, tools, answers):
    """Run the job in the checkout of a student; return it, its exit code, and its report."""
    job = read_yaml(CI / "gitlab-ci.yml")["grade"]
    project = tmp_path / "project"
    hand_in(project / "answers.grad", answers)
    hand_in(project / job["variables"]["KEY"], HOMEWORK / "key.grad")
    done = shell("\n".join(job["script"]), project, tools, **job["variables"])
    return job, done.returncode, ET.parse(project / job["artifacts"]["reports"]["junit"]).getroot()


def failed(root):
    """Return the names of the tests that failed in a JUnit report."""
    return [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None or case.find("error") is not None]


def test_gitlab_passes_what_is_right(tmp_path, tools):
    job, code, root = gitlab(tmp_path, tools, RIGHT)
    assert (code, failed(root)) == (0, [])
    assert len(list(root.iter("testcase"))) == 16
    assert job["artifacts"]["when"] == "always", "the report of a job that fails is wanted most"


def test_gitlab_fails_what_is_wrong(tmp_path, tools):
    _, code, root = gitlab(tmp_path, tools, WRONG)
    assert code == 1
    assert len(failed(root)) == 4


def test_gitlab_warns_of_what_is_undecided(tmp_path, tools):
    text = RIGHT.read_text(encoding="utf-8")
    undecided = tmp_path / "undecided.grad"
    undecided.write_text(text.replace("answer df/dy = x\n", "answer df/dy = x + floor(sin(x)^2 + cos(x)^2) - 1\n"), encoding="utf-8")
    job, code, root = gitlab(tmp_path, tools, undecided)
    assert code in job["allow_failure"]["exit_codes"]
    assert job["allow_failure"]["exit_codes"] == [3]
    assert len(failed(root)) <= 2


# ---- Gradescope ---------------------------------------------------------------------------------------------


@pytest.fixture
def autograder(tmp_path, tools):
    """What Gradescope makes of the zip: a folder in place of /autograder."""
    folder, source = tmp_path / "autograder", tmp_path / "autograder" / "source"
    build = CI / "gradescope"
    (line,) = [line for line in (build / "README.md").read_text(encoding="utf-8").splitlines() if "zipfile" in line]
    shutil.copytree(build, tmp_path / "a" / "ci" / "gradescope")
    shutil.copytree(HOMEWORK, tmp_path / "a" / "homework")
    done = shell(line, tmp_path / "a" / "ci" / "gradescope", tools)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "a" / "ci" / "gradescope" / "autograder.zip") as archive:
        assert sorted(archive.namelist()) == ["key.grad", "run_autograder", "setup.sh"], "at the root of the zip"
        assert all(archive.getinfo(name).external_attr >> 16 & stat.S_IXUSR for name in ("run_autograder", "setup.sh"))
        archive.extractall(source)
    shutil.copy(source / "run_autograder", folder / "run_autograder")
    (folder / "run_autograder").chmod(0o755)
    (folder / "submission").mkdir()
    command(folder / "gradcli" / "bin" / "gradcli", f'exec {tools}/gradcli "$@"\n')
    return folder


def results(autograder, tools):
    """Run the autograder; return what Gradescope reads."""
    done = run([autograder / "run_autograder"], autograder, tools, AUTOGRADER=str(autograder))
    assert done.returncode == 0, done.stderr
    found = json.loads((autograder / "results" / "results.json").read_text(encoding="utf-8"))
    assert isinstance(found["score"], int | float)
    return found


@pytest.mark.parametrize(("answers", "score"), [(RIGHT, WORTH), (WRONG, 12), (HOMEWORK / "submissions" / "carla.toml", 16), (HOMEWORK / "submissions" / "dmitri.json", None)])
def test_gradescope(autograder, tools, answers, score):
    hand_in(autograder / "submission" / answers.name, answers)
    found = results(autograder, tools)
    assert len(found["tests"]) == 16
    assert score is None or found["score"] == score
    assert found["score"] == pytest.approx(sum(test["score"] for test in found["tests"]))
    assert sum(test["max_score"] for test in found["tests"]) == WORTH
    assert not any("0.2350" in test["output"] for test in found["tests"]), "a hint does not tell the answer"


FAILURES = {
    "nothing is handed in": lambda folder: None,
    "two files": lambda folder: [hand_in(folder / "submission" / path.name, path) for path in (RIGHT, WRONG)],
    "the command is not there": lambda folder: [hand_in(folder / "submission" / "a.grad", RIGHT), shutil.rmtree(folder / "gradcli")],
    "the key is broken": lambda folder: [hand_in(folder / "submission" / "a.grad", RIGHT), hand_in(folder / "source" / "key.grad", WRONG)],
    "it crashes": lambda folder: [hand_in(folder / "submission" / "a.grad", RIGHT), command(folder / "gradcli" / "bin" / "gradcli", "kill -9 $$\n")],
}


@pytest.mark.parametrize("what", FAILURES)
def test_gradescope_always_has_results(autograder, tools, what):
    (autograder / "results").mkdir()
    (autograder / "results" / "results.json").write_text('{"score": 100}', encoding="utf-8")  # of another run
    FAILURES[what](autograder)
    found = results(autograder, tools)
    assert found["score"] == 0
    assert found["output"]


def test_gradescope_answers_that_cannot_be_read_are_results_too(autograder, tools):
    (autograder / "submission" / "a.grad").write_bytes(b"answer df/dx = \xff\x00")
    assert results(autograder, tools)["score"] == 0


def test_gradescope_setup_asks_for_a_python_that_is_new_enough(tmp_path, autograder, tools):
    """Ubuntu 22.04 has 3.10. What is installed here is only written down."""
    log = tmp_path / "asked.txt"
    command(autograder / "uv" / "bin" / "python", f'echo "uv/bin/python $*" >>{log}\n')
    command(autograder / "uv" / "bin" / "uv", f'echo "uv $*" >>{log}\n')
    done = run(["bash", autograder / "source" / "setup.sh"], tmp_path, tools, AUTOGRADER=str(autograder), GRADCLI_SOURCE="gradcli==1")
    assert done.returncode == 0, done.stderr
    assert log.read_text(encoding="utf-8").replace(str(autograder), "/autograder").splitlines() == [
        "apt-get update",
        "apt-get install -y --no-install-recommends git python3-venv",
        "venv /autograder/uv",
        "uv/bin/python -m pip install uv",
        "uv venv --python >=3.11 /autograder/gradcli",
        "uv pip install --python /autograder/gradcli --compile-bytecode gradcli==1",
    ]


# ---- PrairieLearn, Classroom 50 -----------------------------------------------------------------------------


@pytest.mark.parametrize(("answers", "score"), [(RIGHT, 1), (WRONG, 12 / WORTH)])
def test_prairielearn(tmp_path, tools, answers, score):
    hand_in(tmp_path / "tests" / "key.grad", HOMEWORK / "key.grad")
    hand_in(tmp_path / "student" / "answers.grad", answers)
    assert run([CI / "prairielearn" / "run.sh"], "/", tools, GRADE=str(tmp_path)).returncode == 0
    found = json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))
    assert found["score"] == pytest.approx(score)


def test_prairielearn_never_takes_an_attempt_for_a_fault_of_ours(tmp_path, tools):
    assert run([CI / "prairielearn" / "run.sh"], "/", tools, GRADE=str(tmp_path)).returncode == 0
    assert json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))["gradable"] is False


def test_prairielearn_runs_the_script_that_is_here():
    info = json.loads((CI / "prairielearn" / "info.json").read_text(encoding="utf-8"))
    options = info["externalGradingOptions"]
    assert Path(options["entrypoint"]).relative_to("/grade/serverFilesCourse").parts == ("gradcli", "run.sh")
    assert options["serverFilesCourse"] == ["gradcli/"]
    limit = int(re.search(r"timeout (\d+)", (CI / "prairielearn" / "run.sh").read_text(encoding="utf-8"))[1])
    assert limit < options["timeout"], "results are written before the platform gives up"
    assert 'file-name="answers.grad"' in (CI / "prairielearn" / "question.html").read_text(encoding="utf-8")


ENVIRONMENT = {
    "CLASSROOM": "nets", "ASSIGNMENT": "backprop", "USERNAME": "boris", "OWNER": "boris", "ASSIGNMENT_TYPE": "individual",
    "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d", "COMMIT_URL": "https://example.org/commit", "RELEASE_URL": "https://example.org/release",
}  # fmt: skip


@pytest.mark.parametrize(("answers", "score"), [(RIGHT, WORTH), (WRONG, 12)])
def test_classroom50(tmp_path, tools, answers, score):
    shutil.copy(CI / "classroom50" / "autograder.py", tmp_path)
    hand_in(tmp_path / "key.grad", HOMEWORK / "key.grad")
    hand_in(tmp_path / "checkout" / "answers.grad", answers)
    done = run(["python", tmp_path / "autograder.py"], tmp_path / "checkout", tools, GRADCLI_SOURCE="gradcli==1", **ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "asked.txt").read_text(encoding="utf-8") == "pip install --quiet gradcli==1\n"
    found = json.loads((tmp_path / "checkout" / "result.json").read_text(encoding="utf-8"))
    assert (found["schema"], found["classroom"], found["assignment"]) == ("classroom50/result/v1", "nets", "backprop")
    assert (found["score"], found["max-score"]) == (score, WORTH)
    assert found["datetime"] == "2026-06-01T14:32:05Z"


# ---- pre-commit ---------------------------------------------------------------------------------------------

SHEET = "f = x^2\nat x = 3\nanswer df/dx = {}\n"


@pytest.mark.parametrize(
    ("sheets", "code"),
    [
        ({"a.grad": "6", "b.grad": "2x"}, 0),
        ({"a.grad": "6", "b.grad": "7", "c.grad": "6"}, 1),
        ({"a b.grad": "6", "x=1.grad": "6", "-c.grad": "6"}, 0),
        ({"-c.grad": "7"}, 1),
        ({"x=1.grad": "7"}, 1),
        ({"a.grad": "7", "none.grad": None}, 1),
        ({"none.grad": None}, 0),
        ({"a.grad": "("}, 1),
    ],
)  # fmt: skip
def test_pre_commit(tmp_path, tools, sheets, code):
    (hook,) = read_yaml(ROOT / ".pre-commit-hooks.yaml")
    for name, answer in sheets.items():
        text = SHEET.replace("{}", answer) if answer else "f = x^2\nat x = 3\n"
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert re.search(hook["files"], name)
    done = run([*shlex.split(hook["entry"]), *sheets], tmp_path, tools)
    assert done.returncode == code, done.stdout + done.stderr


def test_the_configuration_of_pre_commit_names_the_hook():
    (hook,) = read_yaml(ROOT / ".pre-commit-hooks.yaml")
    (repository,) = read_yaml(CI / "pre-commit-config.yaml")["repos"]
    assert [one["id"] for one in repository["hooks"]] == [hook["id"]]
    assert not re.search(hook["files"], "notes.md")


# ---- all of them --------------------------------------------------------------------------------------------


def test_each_recipe_fits_one_screen():
    files = [path for path in CI.rglob("*") if path.is_file()]
    assert len(files) >= 11
    for path in files:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 40, path.name


def test_there_is_one_place_to_say_where_gradcli_comes_from():
    named = [path for path in CI.rglob("*") if path.is_file() and path.suffix != ".md" and "GRADCLI_SOURCE" in path.read_text(encoding="utf-8")]
    assert len(named) == 5
    for path in named:
        assert path.read_text(encoding="utf-8").count("github.com/OWNER/gradcli") == 1, path.name


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="there is no shellcheck")
def test_shellcheck(tmp_path):
    flow, job = read_yaml(CI / "github-actions.yml"), read_yaml(CI / "gitlab-ci.yml")
    steps = tmp_path / "steps.sh"
    lines = [step["run"] for step in flow["jobs"]["grade"]["steps"] if "run" in step] + job["grade"]["script"]
    steps.write_text("\n".join(lines) + "\n", encoding="utf-8")
    names = "export GRADCLI_SOURCE='' KEY='' GITHUB_STEP_SUMMARY=''\n"
    steps.write_text(names + steps.read_text(encoding="utf-8"), encoding="utf-8")
    done = subprocess.run(["shellcheck", "--shell=bash", *SCRIPTS, steps], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


# ---- the homework -------------------------------------------------------------------------------------------


def test_the_homework_carries_its_expectation(tmp_path, tools):
    """Whatever expected.csv does not name is right, and earns all its points."""
    done = run([tools / "gradcli", "grade", HOMEWORK / "key.grad", HOMEWORK / "submissions", "--report", "csv=marks.csv"], tmp_path, tools)
    assert done.returncode == 1, done.stderr
    with (tmp_path / "marks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (HOMEWORK / "expected.csv").open(encoding="utf-8", newline="") as file:
        wanted = list(csv.DictReader(file))
    assert len(rows) == 16 * 6
    assert {row["student"] for row in rows} == {"Ann Lee", "Carla Núñez", "Dmitri Volkov", "Eva Nkosi", "Fang Wei", "Борис Иванов"}
    found = [{name: row[name] for name in wanted[0]} for row in rows if row["verdict"] != "correct" or row["points"] != row["worth"]]
    assert found == wanted


def test_the_key_of_the_homework_has_no_faults(tmp_path, tools):
    """No slip gives a right number at its points, and a right answer is right as it is rounded."""
    done = run([tools / "gradcli", "grade", "--self-test", HOMEWORK / "key.grad"], tmp_path, tools)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no faults" in done.stdout
