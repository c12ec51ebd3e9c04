r"""Worked solutions: -o solution.md and -o solution.tex, in the shape of a textbook, in English and in Russian.

The LaTeX is re-read by a small strict reader, its formulas by gradcli's own, and all of it by pdfLaTeX where there is one.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, run_here, run_there
from markdown_it import MarkdownIt

import gradcli
from gradcli.render.forms import Look, Part
from gradcli.render.numbers import Format
from gradcli.render.solution import markdown, tex
from gradcli.render.solution.equations import Equation, Numbers, Step, fitting, lines
from gradcli.render.solution.widths import width
from gradcli.wording import languages

GOLDEN = Path(__file__).parent / "golden"
NEURON = "1/(1+e^{-(w0x0+w1x1+w2)})", "w0=2", "x0=-1", "w1=-3", "x1=-2", "w2=-3"
LAYER = "W x + theta", "W=[[1,2],[3,4]]", "x=[5,6]", "theta=[7,8]"
SHOWN = {
    "circuit.md": ("(x+y)z", "x=-2", "y=5", "z=-4"),
    "circuit.tex": ("(x+y)z", "x=-2", "y=5", "z=-4"),
    "symbols.md": ("q = x + y; f = q z",),
    "neuron.tex": NEURON,
    "fork.md": ("x*x + sin(x)", "x=2"),
    "layer.md": LAYER,
    "loss.tex": ("sum((W@x+b)^2)", "W=[[1,2],[3,4]]", "x=[5,6]", "b=[7,8]"),
    "kink.md": ("|x|*y", "x=0", "y=-3"),
    "russian.md": ("q = x + y; f = q z", "x=-2", "y=5", "z=-4", "--lang", "ru"),
    "russian.tex": ("sigmoid(w x)", "w=2", "x=0.3", "--lang", "ru"),
}
OTHERS = [
    (*NEURON, "--gates", "primitive"), (*NEURON, "--gates", "fused"), NEURON[:1], ("x", "x=3"), ("2",), ("1/x", "x=1e-300"), ("(x+y)z",),
    (*LAYER, "--seed", "[1, 0.5]"), ("[x*y, x+y]", "x=2", "y=3"), ("[x*y, x+y]",), ("sqrt(x) + 1/y", "x=0", "y=0.5"),
    ("theta*θ + w_{1,2}*x_max + loss", "theta=1", "w_{1,2}=2", "x_max=3", "loss=4"), ("(x+y)*x + z*x^2", "x=2", "y=3", "z=4"),
    ("x^2y + sin(x y)", "x=1", "y=2", "--hessian", "--certify", "--verify"), ("exp(x)*sin(x)", "x=1", "--order", "4"),
    ("where(x>0, x^2, -x)*max(x,y)", "x=-1", "y=2"), ("sum(x^2)", f"x={[*range(30)]}"), ("floor(x)", "x=1"),
    ("-ln(softmax(W@x)[2])", "W=[[1,2],[3,4],[0,1]]", "x=[0.1,0.2]"), ("x*1e-7 + y/3", "x=2", "y=-1"),
    (" + ".join(f"tanh(w{i}*x{i})*y" for i in range(30)), "y=2", *(f"{n}{i}=0.{i + 1}" for i in range(30) for n in "wx")),
]  # fmt: skip
SAMPLES = sorted(ROOT.glob("samples/*.grad"))
ASKED = [*SHOWN.values(), *OTHERS, *((str(path),) for path in SAMPLES)]
HOSTILE = "<script>alert(1)</script> \\write18{ls} \\input{/etc/passwd} 50% $x$ a_b^c #1 ~ ^^M }{ `code` | [a](javascript:x) @user #123 ]]> \u202e & é"


def written(form, *args):
    ran = run_here(*args, "--format", form)
    assert ran.out, ran.err
    return ran.out


@pytest.mark.parametrize("name", SHOWN)
def test_golden(name, update_golden):
    path = GOLDEN / f"solution-{name}"
    text = written({"md": "markdown"}.get(path.suffix[1:], path.suffix[1:]), *SHOWN[name])
    if update_golden:
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


# ---- what the text says ---------------------------------------------------------------------------------------


def test_the_chain_rule_is_written_out():
    text = written("md", "q = x + y; f = q z", "x=-2", "y=5", "z=-4")
    assert r"q &= x + y = -2 + 5 = 3 \\" in text
    chain = r"\frac{\partial f}{\partial x} &= \frac{\partial f}{\partial q} \cdot \frac{\partial q}{\partial x} = z \cdot 1 = -4 \cdot 1 = -4"
    assert chain in text
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## Given", "## Find", "## Solution", "## Answer", "## The circuit"]


def test_without_a_point_there_are_symbols_and_no_numbers():
    text = written("md", "q = x + y; f = q z")
    assert r"= \frac{\partial f}{\partial q} \cdot \frac{\partial q}{\partial x} = z \cdot 1 = z" in text
    assert not re.search(r"= -?\d{2,}", text)


def test_a_fork_is_a_sum_over_its_uses():
    text = written("md", "x*x + sin(x)", "x=2")
    assert r"\frac{\partial f}{\partial v_{2}} \cdot \frac{\partial v_{2}}{\partial x} + " in text
    assert r"1 \cdot \left(-0.416147\right) + 1 \cdot 2 + 1 \cdot 2 \approx 3.58385" in text


@pytest.mark.parametrize(
    "line",
    [
        r"q &= x \cdot 3 \approx 0.333333 \cdot 3 \approx 1 \\",  # behind a rounded number nothing is equal
        r"v_{1} &= y^{2} = 0.1^{2} = 0.01 \\",  # though its float64 ends in a stray digit
        r"{\partial y} &= 2 \cdot y = 2 \cdot 0.1 = 0.2",  # 0.01 is wired in, too, and does not matter
        r"f &= q \cdot v_{1} = 1 \cdot 0.01 = 0.01",
    ],
)
def test_equal_is_said_between_numbers_that_are_written_in_full(line):
    assert line in written("md", "q = x*3; f = q y^2", "x=1/3", "y=0.1")


@pytest.mark.parametrize("kind", ["md", "html"])
def test_rounded_numbers_are_not_put_in_where_the_digits_left_out_matter(kind):
    text = re.sub(r"<[^>]*>", "", written(kind, "q = x^3; f = cos(q) + x", "x=126.456"))
    assert "2.02217" in text  # q itself
    assert not re.search(r"(cos|sin)(\\left)?\(2.02217", text)  # whose cosine is another number than that of q
    assert not re.search(r"≈1[−-]1≈|1 - 1 \\approx", re.sub(r"<[^>]*>", "", written(kind, "q = x^2; f = q - 1", "x=1.0000001")))


def test_no_float_is_equal_to_what_its_digits_end_in():
    assert r"\frac{1}{3} \approx 0.3333333333333333" in written("md", "x/3", "x=1", "--full")


def test_a_product_with_what_does_not_exist_is_not_written():
    text = written("md", "sqrt(x)*|y|", "x=0", "y=0")
    assert r"\frac{\partial f}{\partial x} &= 0" in text
    assert r"\cdot \text" not in text


def test_kinks_that_cancel_are_not_multiplied():
    text = written("md", "relu(x) - relu(-x)", "x=0")
    assert re.findall(r"\\frac\{\\partial f\}\{\\partial x\} &= ([^\n]*)", text)[0] == "1"


def test_otherwise_is_a_word():
    assert r"\text{иначе}" in written("md", "where(x > 0, x, -x)", "x=1", "--lang", "ru")


def test_a_gradient_is_transposed_in_brackets():
    text = written("md", "x' W x", "W=[[1,2],[3,4]]", "x=[5,6]")
    assert r"x \left(\frac{\partial f}{\partial v_{1}}\right)^{\top}" in text


def test_negative_summands_have_brackets():
    assert r"= x + x = -2 + \left(-2\right) = -4" in written("md", "x*x", "x=-2")


def test_a_gate_that_ends_in_f_and_another_way_to_it():
    text = written("md", "(x+y)*x", "x=2", "y=3")
    assert r"\left.\frac{\partial f}{\partial x}\right|_{v_{1}} = v_{1} = 5" in text  # not ∂f/∂x, which is 7
    assert r"&= v_{1} + \frac{\partial f}{\partial v_{1}} \cdot \frac{\partial v_{1}}{\partial x} = v_{1} + x \cdot 1 = 5 + 2 \cdot 1 = 7" in text


def test_a_layer_in_index_form_as_a_product_and_in_numbers():
    text = written("md", "sum((W@x+b)^2)", "W=[[1,2],[3,4]]", "x=[5,6]", "b=[7,8]")
    assert r"\frac{\partial v_{1,k}}{\partial W_{i,j}} &= \mathbf{1}_{k=i} x_{j}" in text
    assert r"\sum_{m} \frac{\partial f}{\partial v_{1,m}} \frac{\partial v_{1,m}}{\partial W_{i,j}} = \frac{\partial f}{\partial v_{1,i}} x_{j}" in text
    assert r"\frac{\partial f}{\partial v_{1}} x^{\top} = \begin{pmatrix} 48 \\ 94 \end{pmatrix} \begin{pmatrix} 5 \\ 6 \end{pmatrix}^{\top}" in text
    assert r"\begin{pmatrix} 240 & 288 \\ 470 & 564 \end{pmatrix}" in text


def test_a_jacobian_of_three_axes_is_one_matrix_an_output():
    text = written("md", *LAYER)
    assert r"\frac{\partial f_{1}}{\partial W} &= \begin{pmatrix} 5 & 6 \\ 0 & 0 \end{pmatrix}" in text
    assert r"\frac{\partial f_{2}}{\partial W} &= \begin{pmatrix} 0 & 0 \\ 5 & 6 \end{pmatrix}" in text


def test_a_large_array_is_its_shape_and_never_cut():
    text = written("md", "sum(x^2)", f"x={[*range(30)]}")
    assert r"\mathbb{R}^{30}" in text
    assert "of large arrays only the shape is given" in text
    assert "…" not in text
    assert r"\dots" not in text


def test_what_has_no_number_is_said_in_words():
    assert r"\text{undefined: a jump}" in written("md", "floor(x)", "x=1")
    assert r"&= \infty\text{, a vertical tangent}" in written("md", "sqrt(x)", "x=0")
    assert "has a kink at" in markdown_text(written("md", "|x|", "x=0"))


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.5e-7, r"1.5 \cdot 10^{-7}"), (-4.0, "-4"), (-1e-7, "-10^{-7}"), (float("inf"), r"\infty"), (float("-inf"), r"-\infty"), (float("nan"), r"\text{undefined}"),
     ([1.0, -2.0], r"\begin{pmatrix} 1 \\ -2 \end{pmatrix}"), ([[1.0, 2.0]], r"\begin{pmatrix} 1 & 2 \end{pmatrix}"),
     ([0.0] * 5, r"\begin{pmatrix} 0 & 0 & 0 & 0 & 0 \end{pmatrix}^{\top}"), ([0.0] * 11, "")],
)  # fmt: skip
def test_numbers_in_latex(value, text):
    assert Numbers(Format()).value(value) == text


def test_rounded_numbers_are_nearly_equal():
    assert Numbers(Format()).relation(0.1, [2.0, 3.0]) == "="
    assert Numbers(Format()).relation(0.1, [2.0, 1 / 3]) == r"\approx"


def test_russian():
    text = written("md", *SHOWN["russian.md"])
    for word in ("## Дано", "## Найти", "## Решение", "Промежуточные переменные", "Локальные градиенты", "Цепное правило", "## Ответ"):
        assert word in text


# ---- lines ----------------------------------------------------------------------------------------------------


def test_a_chain_goes_on_where_there_is_room_and_on_a_new_line_else():
    short, long = Step("=", "x + y"), Step("=", " + ".join(["x_{1}"] * 13))
    assert lines(Equation("f", [short, short])) == ["f &= x + y = x + y"]
    assert lines(Equation("f", [short, long])) == ["f &= x + y", f"&= {long.tex}"]


def test_a_long_sum_is_broken_at_a_sign_outside_brackets():
    tex = " + ".join([r"\left(a + b\right)"] * 20)
    found = lines(Equation("f", [Step("=", tex)]))
    assert all(line.count(r"\left") == line.count(r"\right") for line in found)
    assert all(width(line) < 66 for line in found)
    assert len(found) > 1
    assert "".join(re.sub(r"\\quad \{\}|^f|[&=\s]", "", line) for line in found) == tex.replace(" ", "")


def test_a_formula_that_fits_no_line_is_left_out_and_said_so():
    text = written("md", " ".join(["tanh(w*"] * 25) + "x" + ")" * 25, "w=1", "x=1")
    assert "formulas wider than a line are left out" in text
    wide = Equation("f", [Step("=", r"\frac{" + "x" * 90 + "}{2}"), Step("=", "3")])
    assert fitting(wide) == Equation("f", [Step("=", "3")])


@pytest.mark.parametrize(("tex", "size"), [("123", 3), (r"\frac{12}{12345}", 5), (r"\begin{pmatrix} 1 & 22 \\ 333 & 4 \end{pmatrix}", 10.5), (r"\frac{\mathrm{loss}}{2}", 5)])
def test_widths(tex, size):
    assert width(tex) == pytest.approx(size, abs=1.5)


# ---- read again -----------------------------------------------------------------------------------------------

COMMANDS = set(
    r"""documentclass usepackage noindent allowdisplaybreaks setlength parindent begin end section subsection subsubsection paragraph item begingroup
    endgroup frac dfrac partial left right cdot odot approx in mathbb mathbf mathrm mathop operatorname text quad qquad infty top times sum
    sqrt sinh arcsin det log sin cos tan tanh ln max min sigma theta le ge lfloor rfloor Gamma hat to surd sim neq ne
    textbackslash textasciicircum textasciitilde textless textgreater textbar textasciigrave ldots ll gg div pm
    """.split()
)


def read_tex(text):
    """Read LaTeX strictly: braces, \\left and \\right, environments and dollars nest; only commands we know."""
    text = re.sub(r"(?<!\\)%.*", "", text)
    open_now = []
    for token in re.findall(r"\\(?:begin|end)\{[\w*]+\}|\\[A-Za-z]+|\\.|[{}$]", text, re.DOTALL):
        if token[0] == "\\" and token[1].isalpha():
            assert token[1:].split("{")[0] in COMMANDS, token
        if token in ("{", r"\left") or token.startswith(r"\begin{"):
            open_now.append(token)
        elif token == "$":
            open_now.pop() if open_now[-1:] == ["$"] else open_now.append("$")
        elif token == "}":
            assert open_now.pop() == "{"
        elif token == r"\right":
            assert open_now.pop() == r"\left"
        elif token.startswith(r"\end{"):
            assert open_now.pop() == token.replace("end", "begin")
    assert not open_now


def markdown_text(text):
    """Return what a reader of Markdown sees, fences left out; refuse HTML and links."""
    out = []
    for token in MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(text):
        assert token.type != "html_block"
        for child in token.children or []:
            assert child.type in ("text", "code_inline", "text_special", "softbreak"), child
            out.append(child.content)
    return "".join(out).replace("\u200b", "")


@pytest.mark.parametrize("args", ASKED, ids=lambda args: Path(args[0]).name[:40])
@pytest.mark.parametrize("lang", languages())
def test_tex_and_markdown_read_back(args, lang):
    args = [a for a in args if a not in ("--lang", "ru")]
    document, text = written("tex", *args, "--lang", lang), written("markdown", *args, "--lang", lang)
    read_tex(document)
    markdown_text(text)
    fences = MarkdownIt().parse(text)
    for fence in (token for token in fences if token.type == "fence"):
        assert fence.info in ("math", "mermaid")
        if fence.info == "math":
            read_tex(fence.content)
    assert r"\operatorname" not in text  # GitHub refuses it
    assert len(re.findall(r"\$`[^`]*`\$", text)) * 2 == len(re.findall(r"(?<!\\)\$", re.sub(r"```math.*?```", "", text, flags=re.DOTALL)))


@pytest.mark.parametrize("args", [SHOWN["circuit.md"], NEURON, SHOWN["fork.md"], ("(x+y)*x + z*x^2/3", "x=2", "y=3", "z=4"), ("x*1e-7 + y/3", "x=2", "y=-1"), ("q=sigmoid(w x); L=(q-1)^2", "w=2", "x=0.3")], ids=lambda args: args[0])
def test_every_formula_has_the_value_printed_behind_it(args):
    """Read each member of each chain by our own reader of LaTeX, at the values of the forward pass."""
    text = written("md", *args)
    report = gradcli.grad(args[0], dict(a.split("=") for a in args[1:]) and {n: float(v) for n, v in (a.split("=") for a in args[1:])})
    values = {row.name: row.value for row in report.forward}
    checked = 0
    for fence in (token.content for token in MarkdownIt().parse(text) if token.info == "math"):
        rows = re.sub(r"\\\\(\[4pt\])?\n&", " ", re.search(r"(?<=aligned}\n).*(?=\n\\end)", fence, re.DOTALL)[0]).split("\\\\")
        for equation in (part for row in rows for part in row.removeprefix("[4pt]").split(r",\qquad")):
            members = re.split(r"&?(?:=|\\approx)", equation)[1:]
            if len(members) < 2 or "partial" in members[-1]:
                continue
            number = gradcli.grad(members[-1], {}, latex=True).value
            for member in (m for m in members[:-1] if "partial" not in m):
                assert gradcli.grad(member, {n: v for n, v in values.items() if n in latex_names(member, values)}, latex=True).value == pytest.approx(number, rel=2e-5), equation
                checked += 1
    assert checked >= 4


def latex_names(tex, values):
    """Return the names that stand in a formula."""
    program = gradcli.grad(tex, latex=True) if re.search("[a-zA-Z]", re.sub(r"\\\w+|e\^", "", tex)) else None
    return set(program.partials) & set(values) if program else set()


# ---- hostile text ---------------------------------------------------------------------------------------------


def hostile():
    report = gradcli.grad("x*y", x=1, y=2)
    report.notes.append(HOSTILE)
    return [Part(report, HOSTILE, 2, HOSTILE), Part(report, "2")]


def test_hostile_text_is_inert_in_markdown():
    text = markdown.render(hostile(), Look())
    shown = markdown_text(text)
    assert shown.count("<script>alert(1)</script> \\write18{ls} \\input{/etc/passwd} 50% $x$ a_b^c #1 ~ ^^M }{ `code` | [a](javascript:x) @user #123 ]]>") == 4
    assert "\u202e" not in text
    assert not re.search(r"[@#]\w", text.replace("&#8203;", " "))


def test_hostile_text_is_inert_in_tex():
    text = tex.render(hostile(), Look())
    read_tex(text)
    assert not re.search(r"\\(write|input)\b(?!enc)", text)
    assert "^^" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("char", ["中", "ą", "Ð", "ℝ", "Ω", "☃", "ѣ", "й", "№", "∂", "²"])
def test_any_character_is_set_or_named(char):
    assert tex.escaped(char) in (char, f"U+{ord(char):04X}") or tex.escaped(char).startswith("$")


# ---- compiled -------------------------------------------------------------------------------------------------


def compiled(text, folder):
    engine = shutil.which("pdflatex")
    if engine is None:
        pytest.skip("there is no pdflatex here")
    (folder / "solution.tex").write_text(text, encoding="utf-8")
    ran = subprocess.run([engine, "-halt-on-error", "-interaction=nonstopmode", "-no-shell-escape", "solution.tex"],
                         cwd=folder, capture_output=True, timeout=100, check=False)  # fmt: skip
    if b"T2A" in ran.stdout and ran.returncode and b"not found" in ran.stdout:
        pytest.skip("pdflatex has no Cyrillic fonts here")
    log = (folder / "solution.log").read_text(encoding="utf-8", errors="replace")
    assert ran.returncode == 0, log[-2000:]
    assert "Missing character" not in log
    wide = [float(size) for size in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]
    assert max(wide, default=0) < 20
    return log


def test_all_documents_compile(tmp_path):
    """Compile all of them as the pieces of one document, in each language: a start of pdfLaTeX costs more than a solution."""
    for lang in languages():
        pieces = [written("tex", *[a for a in args if a not in ("--lang", "ru")], "--fragment", "--lang", lang) for args in ASKED]
        for number, piece in enumerate(pieces):
            (tmp_path / f"piece{number}.tex").write_text(piece, encoding="utf-8")
        fonts = "\\usepackage[T1,T2A]{fontenc}\n" if lang == "ru" else ""
        head = f"\\documentclass[a4paper]{{article}}\n\\usepackage[margin=25mm]{{geometry}}\n{fonts}\\usepackage{{amsmath, amssymb}}\n"
        body = "\n".join(f"\\input{{piece{number}}}" for number in range(len(pieces)))
        compiled(f"{head}\\begin{{document}}\n{body}\n\\end{{document}}\n", tmp_path)


@pytest.mark.parametrize("name", ["circuit.tex", "neuron.tex", "loss.tex", "russian.tex"])
def test_a_document_compiles(name, tmp_path):
    compiled(written("tex", *SHOWN[name]), tmp_path)


def test_a_document_with_hostile_text_compiles(tmp_path):
    compiled(tex.render(hostile(), Look()), tmp_path)
    compiled(tex.render([Part(hostile()[0].report, "中 ą Ð ☃ жизнь №1 «да» — ∂f/∂x = σ(x)² ≤ √2")], Look()), tmp_path)


def test_the_command(tmp_path):
    ran = run_there("(x+y)z", "x=-2", "y=5", "z=-4", "-o", str(tmp_path / "s.tex"), "--fragment")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")
    text = (tmp_path / "s.tex").read_text(encoding="utf-8")
    assert text.startswith("% A piece for \\input; the document needs\n% \\usepackage{amsmath, amssymb}\n")
    assert "documentclass" not in text
