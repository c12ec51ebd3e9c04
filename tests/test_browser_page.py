"""The page to step through in a real browser, opened as a file: stepping, practice, paper, phones, and who cannot see it."""

import base64
import json
import zlib
from pathlib import Path

import pytest
from browser import browser, scheme  # noqa: F401
from conftest import ROOT, run_here
from screenshot import shoot

CIRCUIT = ["q = x + y; f = q z", "x=-2", "y=5", "z=-4"]  # 8 steps: the inputs, 2 gates, the seed, 4 wires back
NEURON = ["1/(1+e^{-(w0x0+w1x1+w2)})", "w0=2", "x0=-1", "w1=-3", "x1=-2", "w2=-3"]  # wide
FORK = ["x*x + sin(x)", "x=2"]
LAYER = ["sum((W@x+b)^2)", "W=[[1,2],[3,4]]", "x=[5,6]", "b=[7,8]"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")

    def page(*args):
        file = folder / f"{zlib.crc32(repr(args).encode())}.html"
        if not file.exists():
            ran = run_here(*args, "-o", str(file))
            assert file.exists(), ran.err
        return file

    return page


@pytest.fixture
def look(browser, pages):  # noqa: F811
    """Open the page of a command line; afterwards nothing may have been complained of in its console."""
    def open_page(*args, at="", width=1280, height=900, color="light"):
        scheme(browser, color)
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
        browser.get("about:blank")
        browser.get(pages(*args).as_uri() + at)
        return browser

    browser.get_log("browser")
    yield open_page
    assert not browser.get_log("browser")


def one(driver, css):
    return driver.find_element("css selector", css)


def number(driver):
    """Return the numbers of the steps that are seen."""
    return [int(item.get_attribute("value")) for item in driver.find_elements("css selector", ".phase li") if item.is_displayed()]


def press(driver, key):
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(driver).send_keys(key).perform()


def keys():
    from selenium.webdriver.common.keys import Keys

    return Keys


def seen(driver, kind):
    """Return what is written in the picture of the values, or the gradients."""
    return [
        group.text for group in driver.find_elements("css selector", f".circuit g.{kind}")
        if group.value_of_css_property("visibility") == "visible"
    ]  # fmt: skip


# ---- stepping -----------------------------------------------------------------------------------------------


def test_keys_step_forwards_and_back(look):
    driver, key = look(*CIRCUIT), keys()
    assert number(driver) == [1]
    for pressed, step in ((key.ARROW_RIGHT, 2), (key.ARROW_RIGHT, 3), (key.ARROW_LEFT, 2), (key.END, 8), (key.ARROW_RIGHT, 8), (key.HOME, 1), (key.ARROW_LEFT, 1)):
        press(driver, pressed)
        assert number(driver) == [step]
    assert driver.execute_script("return location.hash") == "#step-1"


def test_steps_fill_in_values_and_then_gradients(look):
    driver, key = look(*CIRCUIT), keys()
    shown = []
    for _ in range(8):
        shown.append((len(seen(driver, "value")), seen(driver, "gradient")))
        press(driver, key.ARROW_RIGHT)
    assert shown == [
        (3, []), (4, []), (5, []), (5, ["1"]), (5, ["−4", "1"]), (5, ["3", "−4", "1"]), (5, ["−4", "3", "−4", "1"]), (5, ["−4", "−4", "3", "−4", "1"]),
    ]  # fmt: skip


def test_buttons_step_and_know_where_they_end(look):
    driver = look(*CIRCUIT)
    assert not one(driver, "[data-go=back]").is_enabled()
    one(driver, "[data-go=next]").click()
    assert number(driver) == [2]
    one(driver, "[data-go=last]").click()
    assert number(driver) == [8]
    assert not one(driver, "[data-go=next]").is_enabled()
    one(driver, "[data-go=back]").click()
    one(driver, "[data-go=first]").click()
    assert number(driver) == [1]


def test_the_scrubber_goes_anywhere_and_keeps_its_own_keys(look):
    driver, key = look(*CIRCUIT), keys()
    scrubber = one(driver, "input[type=range]")
    driver.execute_script("arguments[0].value = 6; arguments[0].dispatchEvent(new Event('input'))", scrubber)
    assert number(driver) == [6]
    scrubber.send_keys(key.ARROW_LEFT)
    assert number(driver) == [5]
    assert scrubber.get_attribute("aria-valuetext") == "Step 5 of 8"


@pytest.mark.parametrize(("at", "step"), [("#step-5", 5), ("#step-99", 1), ("#%3Cscript%3E", 1), ("#%", 1), ("", 1)])
def test_a_link_leads_to_a_step(look, at, step):
    driver = look(*CIRCUIT, at=at)
    assert number(driver) == [step]
    driver.execute_script("location.hash = 'step-3'")
    driver.execute_async_script("setTimeout(arguments[0], 50)")
    assert number(driver) == [3]


def test_the_step_is_lit_by_colour_and_by_width(look):
    driver = look(*CIRCUIT, at="#step-5")
    driver.execute_async_script("setTimeout(arguments[0], 300)")  # until it shines
    lit, dim = (one(driver, f"#w{index}") for index in (2, 0))
    assert lit.value_of_css_property("stroke") != dim.value_of_css_property("stroke")
    assert float(lit.value_of_css_property("stroke-width")[:-2]) >= 2 * float(dim.value_of_css_property("stroke-width")[:-2])
    assert float(one(driver, "#n4 .head").value_of_css_property("stroke-width")[:-2]) >= 3
    assert one(driver, "#n3 g.gradient text").value_of_css_property("font-weight") == "700"


def test_the_step_is_said_aloud(look):
    driver = look(*CIRCUIT)
    one(driver, "[data-go=next]").click()
    status = one(driver, ".bar [role=status]")
    assert status.get_attribute("aria-live") == "polite"
    assert status.get_attribute("textContent") == "Step 2 of 8. Forward through gate q (+): q = 3"


def test_each_question_of_a_sheet_steps_by_itself(look):
    driver, key = look(str(ROOT / "samples" / "10-a-homework-sheet.grad"), at="#q2-step-4"), keys()
    assert number(driver) == [1, 4, 1]
    press(driver, key.ARROW_RIGHT)
    assert number(driver) == [1, 5, 1]
    one(driver, "#q3-lesson [data-go=next]").click()
    press(driver, key.ARROW_RIGHT)
    assert number(driver) == [1, 5, 3]


# ---- practice -----------------------------------------------------------------------------------------------


def practise(driver, step):
    one(driver, ".switch").click()
    driver.execute_script(f"location.hash = 'step-{step}'")
    driver.execute_async_script("setTimeout(arguments[0], 50)")


def answer(driver, typed):
    field = one(driver, ".fields input")
    field.clear()
    field.send_keys(typed, keys().ENTER)
    return one(driver, ".reply").text


@pytest.mark.parametrize(("expression", "typed", "reply"), [
    (CIRCUIT, "-4", "✓ Right."), (CIRCUIT, "−4.0", "✓ Right."), (CIRCUIT, "-8/2", "✓ Right."), (CIRCUIT, "4", "the sign is wrong"),
    (CIRCUIT, "-5", "too large"), (CIRCUIT, "-3.99", "too small"), (CIRCUIT, "", "Nothing typed yet."), (CIRCUIT, "z", "This is no number"),
    (CIRCUIT, "-4e0", "✓ Right."), (CIRCUIT, "1/0", "This is no number"), (CIRCUIT, "-4,0", "✓ Right."), (CIRCUIT, "-,4e1", "✓ Right."),
    (["sin(x)", "x=2"], "-0.416", "✓ Right."), (["sin(x)", "x=2"], "-,4161", "✓ Right."), (["sin(x)", "x=2"], "-0.42", "at least 3 digits"),
    (["sin(x)", "x=2"], "-0.41615", "✓ Right."), (["sin(x)", "x=2"], "-0.4162", "too large"), (["sin(x)", "x=2"], "0.416", "the sign is wrong"),
    (["sin(x)", "x=2"], "-0.4161468365471424", "✓ Right."), (["sin(x)", "x=2"], "-4.16·10^-1", "✓ Right."), (["sin(x)", "x=2"], "-416/1000", "too small"),
    (["x/3", "x=2"], "1/3", "✓ Right."), (["x/3", "x=2"], "0,333", "✓ Right."), (["x/3", "x=2"], "0.33", "at least 3 digits"), (["x/3", "x=2"], "0.3333333334", "too large"),
    (["x/4", "x=2"], ".25", "✓ Right."), (["x/8", "x=2"], "0.125", "✓ Right."), (["x*0", "x=2"], "0", "✓ Right."), (["x*0", "x=2"], "0.001", "too large"),
])  # fmt: skip
def test_an_answer_is_judged_at_once(look, expression, typed, reply):
    driver = look(*expression)
    practise(driver, 5 if expression is CIRCUIT else 4)
    shown = answer(driver, typed)
    assert reply in shown
    assert shown.startswith("✓") == reply.startswith("✓")
    assert shown.startswith("✗") == (reply[0] != "✓" and bool(typed))


def told(driver):
    """Return everything that somebody could find in the page, by eye or by ear."""
    tree = driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})
    spoken = " ".join(str(node.get(part, {}).get("value", "")) for node in tree["nodes"] for part in ("name", "description", "value"))
    return spoken + driver.execute_script("return document.body.innerText + document.querySelector('svg').textContent")


def test_practice_hides_a_gradient_everywhere_until_it_is_found(look):
    driver = look("sin(x)", "x=2")
    assert "0.416147" in told(driver)
    practise(driver, 4)
    hidden = told(driver)
    assert "416" not in hidden
    assert "cos" not in hidden
    assert "?" in one(driver, ".results").text
    one(driver, ".hint").click()
    assert "0.416147" in told(driver)  # the local gradient, asked for
    assert "?" in one(driver, ".results").text
    assert "Right" in answer(driver, "-0.416")
    assert "0.416147" in one(driver, ".results").text
    assert "1 of 1 found" in one(driver, ".score").text


def test_practice_shows_one_answer_to_who_gives_up(look):
    driver = look(*CIRCUIT)
    practise(driver, 5)
    assert "?" in one(driver, "#step-5").text
    one(driver, ".show").click()
    assert "Here it is." in one(driver, ".reply").text
    assert "?" not in one(driver, "#step-5").text
    press(driver, keys().ENTER)  # on the button that leads on
    assert number(driver) == [6]
    assert "?" in one(driver, "#step-6").text


def test_practice_by_keyboard_alone(look):
    driver, key = look(*CIRCUIT), keys()
    one(driver, ".practice").send_keys(key.SPACE)
    assert number(driver) == [5]
    for typed, step in (("-4", 5), ("3", 6), ("-4", 7), ("-4", 8)):
        assert number(driver) == [step]
        assert "Right" in answer(driver, typed)
        press(driver, key.ENTER)
    assert one(driver, ".score").text == "4 of 4 found"
    assert seen(driver, "gradient") == ["−4", "−4", "3", "−4", "1"]


def test_typing_does_not_step(look):
    driver, key = look(*CIRCUIT), keys()
    practise(driver, 5)
    one(driver, ".fields input").send_keys("-44", key.ARROW_LEFT, key.HOME, key.END)
    assert number(driver) == [5]
    one(driver, ".switch").click()
    assert "?" not in one(driver, "body").text


def test_an_array_is_asked_entry_by_entry(look):
    driver = look(*LAYER)
    asked = [item.get_attribute("value") for item in driver.find_elements("css selector", "li[data-columns='2']")]
    practise(driver, asked[0])
    fields = driver.find_elements("css selector", ".fields input")
    assert len(fields) == 4
    for field, typed in zip(fields, ("240", "288", "470", "0")):
        field.send_keys(typed)
    fields[3].send_keys(keys().ENTER)
    assert "too small" in one(driver, ".reply").text
    assert [field.get_attribute("aria-invalid") for field in fields] == [None, None, None, "true"]
    fields[3].clear()
    fields[3].send_keys("564", keys().ENTER)
    assert "Right" in one(driver, ".reply").text


# ---- safety -------------------------------------------------------------------------------------------------


def test_the_page_asks_for_nothing_but_itself(look, pages):
    driver = look(*CIRCUIT)
    driver.get_log("performance")
    driver.refresh()
    one(driver, "[data-go=last]").click()
    one(driver, ".switch").click()
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    assert asked == [pages(*CIRCUIT).as_uri()]


def test_a_request_or_a_script_put_into_the_page_is_refused(browser, pages):  # noqa: F811
    file = pages(*CIRCUIT)
    evil = file.with_name("evil.html")
    text = file.read_text("utf-8")
    evil.write_text(text.replace("<main>", '<main><script>window.ran = 1</script><img src="http://127.0.0.1:9/x.png" onerror="window.ran = 2"><style>main{color:red}</style>'), "utf-8")
    browser.get(evil.as_uri())
    refused = [entry["message"] for entry in browser.get_log("browser")]
    assert browser.execute_script("return window.ran === undefined")
    assert sum("Content Security Policy" in message for message in refused) >= 3
    assert number(browser) == [1]


def test_hostile_text_does_not_run(browser, tmp_path):  # noqa: F811
    import gradcli
    from gradcli.render.forms import Look, Part
    from gradcli.render.page import html as page

    report = gradcli.grad("x*y", x=2, y=3)
    report.notes = ["<script>window.ran = 1</script><img src=x onerror='window.ran = 2'>"]
    file = tmp_path / "hostile.html"
    file.write_text(page.render([Part(report, "<svg onload=window.ran=3>", 1, "</title><script>window.ran=4</script>")] * 2, Look()), "utf-8")
    browser.get_log("browser")
    browser.get(file.as_uri())
    assert browser.execute_script("return window.ran === undefined")
    assert "<script>window.ran = 1</script>" in one(browser, ".notes").text
    assert not browser.get_log("browser")


# ---- everybody ----------------------------------------------------------------------------------------------


def violations(driver):
    axe = pytest.importorskip("axe_core_python", reason="needs axe-core-python")
    text = Path(axe.__file__).with_name("axe.min.js").read_text("utf-8")
    driver.execute_script(text)
    found = driver.execute_async_script("axe.run(document, {}).then(arguments[0])")
    assert found["passes"]
    return [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found["violations"]]


@pytest.mark.parametrize("color", ["light", "dark"])
@pytest.mark.parametrize("args", [CIRCUIT, [*FORK, "--lang", "ru"], LAYER, [str(ROOT / "samples" / "10-a-homework-sheet.grad")]], ids=["circuit", "ru", "layer", "sheet"])
@pytest.mark.parametrize("practising", [False, True], ids=["steps", "practice"])
def test_axe_finds_nothing(look, args, color, practising):
    driver = look(*args, color=color)
    one(driver, "[data-go=last]").click()
    assert violations(driver) == []
    if practising:
        one(driver, ".switch").click()
        one(driver, ".fields input").send_keys("77", keys().ENTER)
        assert violations(driver) == []


@pytest.mark.parametrize("args", [CIRCUIT, NEURON, FORK, LAYER, [str(ROOT / "samples" / "10-a-homework-sheet.grad")], ["(x+y)z"]], ids=lambda args: args[0][:20])
def test_a_phone_scrolls_only_down(look, args):
    driver = look(*args, width=360, height=740)
    for key in (keys().HOME, keys().ARROW_RIGHT, keys().END):
        press(driver, key)
        assert driver.execute_script("return document.documentElement.scrollWidth") <= 360
    small = [
        button.get_attribute("outerHTML") for button in driver.find_elements("css selector", "button, .switch, input[type=range]")
        if button.is_displayed() and min(button.size["height"], button.size["width"]) < 44
    ]  # fmt: skip
    assert not small


def test_on_paper_everything_is_there(look):
    driver = look(*FORK, at="#step-2")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert number(driver) == list(range(1, 12))
        assert len(seen(driver, "gradient")) == 4
        assert not one(driver, ".bar").is_displayed()
    finally:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert number(driver) == [2]
    printed = base64.b64decode(driver.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert printed.startswith(b"%PDF")


def test_without_its_script_everything_is_there(look):
    driver = look(*FORK)
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        driver.refresh()
        driver.execute_cdp_cmd("DOM.enable", {})
        root = driver.execute_cdp_cmd("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
        items = driver.execute_cdp_cmd("DOM.querySelectorAll", {"nodeId": root, "selector": ".phase li"})["nodeIds"]
        heights = [driver.execute_cdp_cmd("DOM.getBoxModel", {"nodeId": item})["model"]["height"] for item in items]
        assert len(heights) == 11
        assert min(heights) > 20
        bar = driver.execute_cdp_cmd("DOM.querySelector", {"nodeId": root, "selector": ".bar"})["nodeId"]
        with pytest.raises(Exception, match="box model"):
            driver.execute_cdp_cmd("DOM.getBoxModel", {"nodeId": bar})
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        driver.refresh()


def test_who_wants_less_motion_gets_none(look):
    driver = look(*CIRCUIT)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]})
    try:
        assert one(driver, "#w0").value_of_css_property("transition-duration") in ("0s", "")
    finally:
        scheme(driver, "light")


def test_the_picture_follows_the_step(look):
    text = "x"
    for index in range(30):
        text = f"tanh({text} + {index})"
    driver = look(text, "x=0.1")
    scroll = "return document.querySelector('.picture .scroll').scrollLeft"
    assert driver.execute_script(scroll) == 0
    one(driver, "[data-go=last]").click()
    one(driver, "[data-go=first]").click()
    driver.execute_script("location.hash = 'step-55'")
    driver.execute_async_script("setTimeout(arguments[0], 100)")
    assert driver.execute_script(scroll) > 100
    assert driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def test_a_picture_of_the_page_can_be_made(browser, pages, tmp_path):  # noqa: F811
    for name, more in (("light", {}), ("dark", {"dark": True}), ("practice", {"practice": True}), ("window", {"height": 600})):
        shoot(browser, pages(*CIRCUIT), tmp_path / f"{name}.png", step="5", **more)
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert len({file.read_bytes() for file in tmp_path.iterdir()}) == 4
