
"use strict";
// Everything stands in the page; this shows it one step at a time, and lets a learner find the gradients first.

document.documentElement.classList.add("js");

const FEWEST_DIGITS = 3;  // as in gradcli check
const WIDE = 900;  // pixels: a wider circuit stands above the steps, not beside them
const LEAST = 0.8, MOST = 1.6;  // how far a circuit shrinks and grows to fit its place

/* A typed number: 0.25, ,25, -1/4, 2.5e-3, 2.5·10^-3. Exact: it is a fraction, not rounded anywhere. */
function reading(typed) {
  const text = typed.replace(/[\u2212\u2013]/g, "-").replace(/[\s\u00a0\u202f]/g, "").replace(",", ".");
  const decimal = /^([+-]?)(\d+\.?\d*|\.\d+)(?:(?:e|[·×*x]10\^?)\(?([+-]?\d+)\)?)?$/i;
  const whole = decimal.exec(text);
  if (whole) {
    const places = (whole[2].split(".")[1] || "").length;
    const power = Number(whole[3] || 0);
    const digits = whole[2].replace(".", "").replace(/^0+/, "").length;
    return { value: Number(`${whole[1]}${whole[2]}e${power}`), half: 0.5 * 10 ** (power - places), digits };
  }
  const [above, below, more] = text.split("/");
  if (more === undefined && below && decimal.test(above) && decimal.test(below) && Number(below) !== 0) {
    return { value: Number(above) / Number(below), half: 0, digits: Infinity };
  }
  return null;
}

/* Right to every digit written, and at least three of them unless that is all there is; the sign counts. */
function judge(typed, truth) {
  if (!typed.trim()) return "blank";
  const read = reading(typed);
  if (!read || !Number.isFinite(read.value)) return "unread";
  const noise = 1e-12 * Math.abs(truth);  // of a float64 that stands for the truth
  const near = (value) => Math.abs(value - truth) <= read.half + noise;
  const exact = Math.abs(read.value - truth) <= noise;
  if (exact || (near(read.value) && read.digits >= FEWEST_DIGITS)) return "right";
  if (near(read.value)) return "few";
  if (truth !== 0 && near(-read.value)) return "sign";
  return Math.abs(read.value) > Math.abs(truth) ? "large" : "small";
}

/* Something practice can hide: taken out of the page, so that nobody finds it there, neither by eye nor by ear. */
class Secret {
  constructor(element, step) {
    this.element = element;
    this.step = step;
    this.held = null;
  }

  hide(hidden) {
    if (hidden === (this.held !== null)) return;
    if (!hidden) {
      this.element.replaceChildren(...this.held);
      this.held = null;
      return;
    }
    const text = this.element.querySelector("text");
    let mark = document.createTextNode("?");
    if (this.element.namespaceURI.endsWith("MathML")) {
      mark = document.createElementNS(this.element.namespaceURI, "mi");
      mark.textContent = "?";
      mark.classList.add("unknown");
    } else if (text) {  // in the picture
      mark = text.cloneNode(false);
      mark.textContent = "?";
    }
    this.held = [...this.element.childNodes];
    this.element.replaceChildren(mark);
  }
}

const numbers = (element, name) => (element.dataset[name] || "").split(" ").filter(Boolean);

class Lesson {
  constructor(root) {
    this.root = root;
    this.prefix = root.dataset.prefix;
    this.steps = [...root.querySelectorAll(".phase li")];
    this.at = 0;  // counted from 1
    this.practising = false;
    this.found = new Set();
    this.hinted = new Set();
    this.timed = [];  // [element, the first step that shows it]
    this.shines = [];  // elements that shine at the current step
    this.secrets = [];
    this.hints = [];
    this.collect();
    this.bar = root.querySelector(".bar");
    this.form = root.querySelector(".ask");
    this.range = this.bar.querySelector("input[type=range]");
    this.scroll = root.querySelector(".picture .scroll");
    this.listen();
    this.bar.hidden = false;
    this.fit();
    addEventListener("resize", () => this.fit());
  }

  /* A small circuit grows, a larger one shrinks a little; what then is wider than its box is scrolled. */
  fit() {
    const svg = this.scroll.querySelector("svg"), natural = Number(svg.getAttribute("width"));
    this.root.querySelector(".board").classList.toggle("wide", natural > WIDE);
    const scale = Math.min(Math.max(this.scroll.clientWidth / natural, LEAST), MOST);
    svg.style.width = `${Math.floor(natural * scale)}px`;
  }

  node(index) { return document.getElementById(`${this.prefix}n${index}`); }
  wire(index) { return document.getElementById(`${this.prefix}w${index}`); }
  contribution(index) { return this.root.querySelector(`[data-wire="${this.prefix}w${index}"]`); }
  asks(step) { return Boolean(this.steps[step - 1]?.dataset.answers); }
  hides(step) { return this.practising && this.asks(step) && !this.found.has(step); }

  collect() {
    const contributions = new Map([...this.root.querySelectorAll("[data-wire]")].map((text) => [text.dataset.wire, text]));
    this.news = this.steps.map((item, index) => {
      const step = index + 1, news = [];
      const add = (element, secret) => {
        if (!element) return;
        news.push(element);
        this.timed.push([element, step]);
        if (secret && this.asks(step)) this.secrets.push(new Secret(element, step));
      };
      for (const node of numbers(item, "values")) add(this.node(node).querySelector("g.value"), false);
      for (const node of numbers(item, "gradients")) add(this.node(node).querySelector("g.gradient"), true);
      if (item.closest(".backward") && !(numbers(item, "gradients").length && numbers(item, "wires").length > 1)) {
        for (const wire of numbers(item, "wires")) add(contributions.get(`${this.prefix}w${wire}`), true);
      }
      return news;
    });
    for (const element of this.root.querySelectorAll("[data-secret]")) this.secrets.push(new Secret(element, Number(element.dataset.secret)));
    for (const element of this.root.querySelectorAll("[data-hint]")) this.hints.push(new Secret(element, Number(element.dataset.hint)));
  }

  listen() {
    const last = this.steps.length;
    for (const button of this.bar.querySelectorAll("[data-go]")) {
      button.addEventListener("click", () => this.move(button.dataset.go));
    }
    this.range.addEventListener("input", () => this.go(Number(this.range.value)));
    this.root.addEventListener("pointerdown", () => { Lesson.active = this; });
    this.root.addEventListener("focusin", () => { Lesson.active = this; });
    if (!this.form) return;
    this.bar.querySelector(".practice").addEventListener("change", (event) => {
      this.practising = event.target.checked;
      this.found.clear();
      this.hinted.clear();
      if (this.practising && !this.steps.slice(0, this.at).some((_, index) => this.asks(index + 1))) {
        this.go(this.steps.findIndex((_, index) => this.asks(index + 1)) + 1 || last);
      } else {
        this.show();
      }
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.check();
    });
    this.form.querySelector(".hint").addEventListener("click", () => {
      this.hinted.add(this.at);
      this.veil();
      this.form.querySelector(".hint").disabled = true;
      this.form.querySelector("input").focus();
    });
    this.form.querySelector(".show").addEventListener("click", () => this.solve("given"));
  }

  move(where) {
    const target = { first: 1, back: this.at - 1, next: this.at + 1, last: this.steps.length }[where];
    this.go(target);
  }

  go(step, quiet) {
    step = Math.min(Math.max(step, 1), this.steps.length);
    if (step === this.at) return;
    this.at = step;
    this.show(quiet);
    if (!quiet) history.replaceState(null, "", `#${this.steps[step - 1].id}`);
  }

  show(quiet) {
    const item = this.steps[this.at - 1], phase = item.closest(".phase"), last = this.steps.length;
    this.veil();
    const backward = phase.classList.contains("backward");
    this.root.dataset.phase = backward ? "backward" : "forward";
    for (const one of this.root.querySelectorAll(".phase.now, li.now")) one.classList.remove("now");
    phase.classList.add("now");
    item.classList.add("now");
    for (const [element, step] of this.timed) element.classList.toggle("later", step > this.at);
    for (const one of this.shines) one.classList.remove("now", "fed", "lit", "new");
    const nodes = numbers(item, "nodes").map((index) => this.node(index));
    const wires = numbers(item, "wires").map((index) => this.wire(index));
    nodes.forEach((node, index) => node.classList.add(index ? "fed" : "now"));
    if (!backward || nodes.length === 1) nodes[0].classList.add("fed");
    for (const wire of wires) wire.classList.add("lit");
    for (const element of this.news[this.at - 1]) element.classList.add("new");
    this.shines = [...nodes, ...wires, ...this.news[this.at - 1]];
    this.range.value = this.at;
    for (const button of this.bar.querySelectorAll("[data-go]")) {
      button.disabled = this.at === (["first", "back"].includes(button.dataset.go) ? 1 : last);
    }
    this.ask();
    this.follow([...nodes, ...wires], quiet);
    const place = this.root.dataset.place.replace("{0}", this.at).replace("{1}", last);
    this.bar.querySelector(".where").textContent = place;
    this.range.setAttribute("aria-valuetext", place);
    if (!quiet) this.bar.querySelector("[role=status]").textContent = `${place}. ${item.querySelector(".says").textContent}`;
  }

  veil() {
    for (const secret of this.secrets) secret.hide(this.hides(secret.step));
    for (const hint of this.hints) hint.hide(this.hides(hint.step) && !this.hinted.has(hint.step));
    const score = this.bar.querySelector(".score");
    if (score) {
      const asked = this.steps.filter((_, index) => this.asks(index + 1)).length;
      score.textContent = this.practising ? score.dataset.score.replace("{0}", this.found.size).replace("{1}", asked) : "";
    }
  }

  /* Bring what shines into the box of the picture, without moving the page. */
  follow(elements, quiet) {
    const box = this.scroll.getBoundingClientRect();
    const boxes = elements.map((element) => element.getBoundingClientRect());
    if (!boxes.length) return;
    const left = Math.min(...boxes.map((b) => b.left)), right = Math.max(...boxes.map((b) => b.right));
    const top = Math.min(...boxes.map((b) => b.top)), bottom = Math.max(...boxes.map((b) => b.bottom));
    const by = {
      left: left < box.left || right > box.right ? (left + right - box.left - box.right) / 2 : 0,
      top: top < box.top || bottom > box.bottom ? (top + bottom - box.top - box.bottom) / 2 : 0,
    };
    const still = quiet || matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (by.left || by.top) this.scroll.scrollBy({ ...by, behavior: still ? "instant" : "smooth" });
  }

  // ---- practice ----

  ask() {
    if (!this.form) return;
    const item = this.steps[this.at - 1], hidden = !this.hides(this.at);
    this.form.hidden = hidden;
    if (hidden) return;
    const fields = this.form.querySelector(".fields"), answers = numbers(item, "answers"), columns = Number(item.dataset.columns);
    fields.replaceChildren(...answers.map((_, index) => {
      const label = document.createElement("label"), input = document.createElement("input");
      const words = [item.dataset.asked];
      if (answers.length > 1) words.push(this.form.dataset.row.replace("{0}", 1 + Math.floor(index / columns)));
      if (columns > 1) words.push(this.form.dataset.column.replace("{0}", 1 + (index % columns)));
      const told = document.createElement("span");
      told.textContent = `${words.join(", ")} =`;
      Object.assign(input, { type: "text", autocomplete: "off", spellcheck: false });
      input.setAttribute("autocapitalize", "off");
      label.append(told, input);
      return label;
    }));
    const hint = this.form.querySelector(".hint");
    hint.hidden = !item.querySelector("[data-hint]");
    hint.disabled = this.hinted.has(this.at);
    this.say("", "");
    if (matchMedia("(pointer: fine)").matches && this.root.contains(document.activeElement)) fields.querySelector("input").focus();
  }

  check() {
    const item = this.steps[this.at - 1], answers = numbers(item, "answers").map(Number);
    const inputs = [...this.form.querySelectorAll("input")];
    const found = inputs.map((input, index) => judge(input.value, answers[index]));
    inputs.forEach((input, index) => {
      const wrong = !["right", "blank"].includes(found[index]);
      if (wrong) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    });
    const first = found.findIndex((verdict) => verdict !== "right");
    if (first < 0) {
      this.solve("right");
    } else {
      this.say(this.form.dataset[found[first]], found[first] === "blank" ? "" : "no");
      inputs[first].focus();
      inputs[first].select();
    }
  }

  solve(how) {
    this.found.add(this.at);
    this.veil();
    const next = this.bar.querySelector("[data-go=next]");
    this.form.querySelector(".fields").replaceChildren();
    this.form.querySelector(".buttons").hidden = true;
    this.say(`${this.form.dataset[how]} ${this.steps[this.at - 1].querySelector(".says").textContent}`, how === "right" ? "yes" : "");
    (next.disabled ? this.root.querySelector(".card") : next).focus();
  }

  say(words, kind) {
    const reply = this.form.querySelector(".reply");
    reply.textContent = (kind === "yes" ? "✓ " : kind === "no" ? "✗ " : "") + words;
    reply.className = `reply ${kind}`;
    this.form.querySelector(".buttons").hidden = false;
  }
}

document.addEventListener("DOMContentLoaded", () => {
  const lessons = [...document.querySelectorAll(".lesson")].map((root) => new Lesson(root));
  Lesson.active = lessons[0];

  // A browser goes to the step of a link by itself; the circuit belongs to it. One lesson is seen from its top.
  const bring = (lesson) => (lessons.length > 1 ? lesson.root.scrollIntoView({ behavior: "instant" }) : scrollTo({ top: 0, behavior: "instant" }));
  const visit = (quiet) => {
    const item = document.getElementById(location.hash.slice(1));
    for (const lesson of lessons) {
      const step = lesson.steps.indexOf(item) + 1;
      if (step) {
        Lesson.active = lesson;
        lesson.go(step, true);
        bring(lesson);
      } else if (quiet) {
        lesson.go(1, true);
      }
    }
  };
  visit(true);
  addEventListener("load", () => { if (location.hash.includes("step-")) bring(Lesson.active); });
  addEventListener("hashchange", () => visit(false));

  document.addEventListener("keydown", (event) => {
    const where = { ArrowLeft: "back", ArrowRight: "next", Home: "first", End: "last" }[event.key];
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    const scrolling = event.target.closest(".scroll, .function");
    if (!where || typing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (scrolling && scrolling.scrollWidth > scrolling.clientWidth) return;
    event.preventDefault();
    Lesson.active.move(where);
  });
});
