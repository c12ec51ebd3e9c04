"""Pictures measured where they are seen: in Chromium, no text meets a wire, another text, or the edge of a circle."""

import circuits
import pytest
from browser import browser, scheme  # noqa: F401

from gradcli.render.forms import Look

# For every text: which wires, edges and other texts its box meets. A grid keeps large pictures fast.
MEASURE = """
const cell = 40, grid = new Map(), found = [];
const key = (x, y) => Math.floor(x / cell) + "," + Math.floor(y / cell);
const box = element => { const r = element.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };
const put = (x, y, what) => { const k = key(x, y); if (!grid.has(k)) grid.set(k, []); grid.get(k).push([x, y, what]); };
for (const line of document.querySelectorAll(".wire, .stem, .slash, .bracket, .head")) {
    const matrix = line.getScreenCTM(), length = line.getTotalLength(), steps = Math.max(2, Math.ceil(length / 2));
    for (let i = 0; i <= steps; i++) {
        const p = line.getPointAtLength(length * i / steps).matrixTransform(matrix);
        put(p.x, p.y, line);
    }
}
const texts = [...document.querySelectorAll("svg text")];
for (const text of texts) {
    const [l, t, r, b] = box(text), met = new Set();
    if (!(r > l && b > t)) found.push("empty: " + text.textContent);
    for (let x = Math.floor(l / cell); x <= Math.floor(r / cell); x++)
        for (let y = Math.floor(t / cell); y <= Math.floor(b / cell); y++)
            for (const [px, py, what] of grid.get(x + "," + y) || [])
                if (px > l && px < r && py > t && py < b) met.add(what);
    for (const what of met) found.push(text.getAttribute("class") + " " + text.textContent + " meets " + what.getAttribute("class"));
}
const sorted = texts.map(text => [box(text), text]).sort((a, b) => a[0][0] - b[0][0]);
for (let i = 0; i < sorted.length; i++)
    for (let j = i + 1; j < sorted.length && sorted[j][0][0] < sorted[i][0][2]; j++)
        if (sorted[i][0][1] < sorted[j][0][3] && sorted[j][0][1] < sorted[i][0][3])
            found.push(sorted[i][1].textContent + " meets " + sorted[j][1].textContent);
const [sl, st, sr, sb] = box(document.documentElement);
for (const text of texts) { const [l, t, r, b] = box(text); if (l < sl || t < st || r > sr || b > sb) found.push("outside: " + text.textContent); }
return found;
"""


def show(driver, folder, picture):
    file = folder / "circuit.svg"
    file.write_text(picture, encoding="utf-8")
    driver.get(file.as_uri())
    return driver


@pytest.mark.parametrize("name", circuits.CIRCUITS)
def test_no_text_meets_a_wire_or_another_text(name, browser, tmp_path):  # noqa: F811
    assert show(browser, tmp_path, circuits.drawn(name, "svg")).execute_script(MEASURE) == []


@pytest.mark.parametrize("name", ["neuron", "matrices", "forks", "network-30"])
def test_nor_with_all_digits(name, browser, tmp_path):  # noqa: F811
    picture = circuits.drawn(name, "svg", Look(None))
    assert show(browser, tmp_path, picture).execute_script(MEASURE) == []


@pytest.mark.parametrize("family", ["Liberation Sans", "Noto Sans", "Verdana"])
def test_nor_in_another_typeface(family, browser, tmp_path):  # noqa: F811
    picture = circuits.drawn("network-60", "svg").replace('"DejaVu Sans"', f'"{family}"')
    assert show(browser, tmp_path, picture).execute_script(MEASURE) == []


def test_the_measure_sees_a_text_on_a_wire(browser, tmp_path):  # noqa: F811
    moved = circuits.drawn("three", "svg").replace('y="-5.07"', 'y="3"', 1)
    found = show(browser, tmp_path, moved).execute_script(MEASURE)
    assert "value −2 meets stem" in found


def test_wires_end_at_the_circles_and_begin_where_their_source_ends(browser, tmp_path):  # noqa: F811
    gaps = show(browser, tmp_path, circuits.drawn("network-60", "svg")).execute_script("""
        const at = (line, length) => line.getPointAtLength(length).matrixTransform(line.getScreenCTM());
        return [...document.querySelectorAll(".wire")].map(wire => {
            const from = document.getElementById(wire.dataset.from).querySelector(".stem");
            const head = document.getElementById(wire.dataset.to).querySelector(".head").getBoundingClientRect();
            const a = at(from, from.getTotalLength()), b = at(wire, 0), c = at(wire, wire.getTotalLength());
            const x = c.x - (head.left + head.width / 2), y = c.y - (head.top + head.height / 2);
            return [Math.hypot(a.x - b.x, a.y - b.y), Math.abs(Math.hypot(x, y) - 17)];
        });
    """)
    assert gaps
    assert max(max(pair) for pair in gaps) < 1.5


@pytest.mark.parametrize(("name", "paper"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 24, 29)")])
def test_it_is_light_or_dark_as_its_reader_has_it(name, paper, browser, tmp_path):  # noqa: F811
    scheme(browser, name)
    try:
        driver = show(browser, tmp_path, circuits.drawn("three", "svg"))
        seen = driver.execute_script("""
            const paint = (selector, what) => getComputedStyle(document.querySelector(selector))[what];
            return [paint(".paper", "fill"), paint("text.value", "fill"), paint("text.gradient", "fill"), paint("text.name", "fill")];
        """)
    finally:
        scheme(browser, "light")
    assert seen[0] == paper
    assert len(set(seen)) == 4
    assert min(_contrast(colour, paper) for colour in seen[1:]) > 4.5


def _contrast(one, other):
    """Return the contrast ratio of two colours (WCAG 2.2)."""
    a, b = sorted((_luminance(colour) for colour in (one, other)), reverse=True)
    return (a + 0.05) / (b + 0.05)


def _luminance(colour):
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
