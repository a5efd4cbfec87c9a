// The query page with JavaScript: an editor in place of the textarea, which stays in step and is what the form sends, and
// answers that are shown without leaving the page.
import { EditorView } from "codemirror";
import { sparql } from "codemirror-lang-sparql";
import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { EditorState, Prec } from "@codemirror/state";
import { highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { mending, shownAnswer, shownFailure } from "./answer.js";
import { ask } from "./asking.js";
import { completion, declaration, declares } from "./completion.js";
import { element } from "./dom.js";
import { clearFaults, faults, markFault, offset } from "./faults.js";
import { theme } from "./theme.js";
import { lang, words } from "./words.js";

const ADDRESS_MOST = 8_000;
const area = document.querySelector("textarea#query");
const form = area.form;
const state = document.querySelector("#state");
const stopButton = document.querySelector("#stop");
const view = opened();
let running;

const repairs = {
  goTo(line, column) {
    view.dispatch({ selection: { anchor: offset(view.state.doc, line, column) }, scrollIntoView: true });
    view.focus();
  },
  declare(prefix, namespace) {
    const text = declaration(prefix);
    const anchor = namespace ? view.state.selection.main.head + text.length : text.length - 2; // into the empty <>
    if (!declares(view.state.doc.toString(), prefix)) view.dispatch({ changes: { from: 0, insert: text }, selection: { anchor } });
    view.focus();
  },
  replace(wrong, right) {
    const whole = new RegExp(`${wrong}(?![\\w-])`, "g");
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: view.state.doc.toString().replace(whole, right) } });
    view.focus();
  },
};

// Its styles are adopted by a shadow root: the policy of the page stays that of all pages, and allows none in the page.
function opened() {
  const host = element("div", { class: "editor" });
  area.before(host);
  const root = host.attachShadow({ mode: "open" });
  const made = new EditorView({ doc: area.value, extensions: extensions(), parent: root, root });
  area.hidden = true;
  document.querySelector("#keys").hidden = false;
  document.querySelector("label[for=query]").addEventListener("click", () => made.focus());
  return made;
}

function extensions() {
  const keys = [{ key: "Mod-Enter", run: () => (run(), true) }];
  return [
    Prec.highest(keymap.of(keys)),
    lineNumbers(),
    highlightSpecialChars(),
    history(),
    bracketMatching(),
    closeBrackets(),
    completion(),
    sparql(),
    faults,
    theme,
    EditorView.lineWrapping,
    EditorState.phrases.of(lang === "fr" ? { Completions: "Propositions" } : {}),
    EditorView.contentAttributes.of({ "aria-label": words.editor }),
    EditorView.domEventHandlers({ beforeinput: typedOver }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) area.value = update.state.doc.toString();
    }),
    // No key of these takes Tab: it leaves the editor, as it leaves every field.
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
  ];
}

// Typing over a selection is done here: Chromium would merge the lines itself, with styles in the page, which its policy
// refuses aloud (@codemirror/view 6.43).
function typedOver(event, made) {
  const { main, ranges } = made.state.selection;
  if (event.inputType !== "insertText" || !event.data || main.empty || ranges.length > 1 || made.composing) return false;
  const insert = () => made.state.update({ ...made.state.replaceSelection(event.data), userEvent: "input.type" });
  const handlers = made.state.facet(EditorView.inputHandler); // brackets that close around what is selected
  if (!handlers.some((handler) => handler(made, main.from, main.to, event.data, insert))) made.dispatch(insert());
  event.preventDefault();
  return true;
}

async function run() {
  running?.abort();
  const asking = (running = new AbortController());
  const began = performance.now();
  clearFaults(view);
  stopButton.hidden = false;
  state.textContent = words.running;
  remember(area.value);
  try {
    const told = await ask(area.value, asking.signal);
    if (asking !== running) return; // another one was begun meanwhile
    state.textContent = told.problem ? "" : words.took(Math.round(performance.now() - began) / 1000, told.revision);
    if (told.problem?.line) markFault(view, told.problem.line, told.problem.column);
    show(shownAnswer(told, repairs));
  } catch (error) {
    if (asking !== running) return;
    state.textContent = "";
    show(shownFailure(error));
  }
  stopButton.hidden = true;
}

function show(section) {
  document.querySelectorAll("main > .hint").forEach((old) => old.remove());
  const old = document.querySelector("#answer");
  if (old) old.replaceWith(section);
  else state.after(section);
  section.focus({ preventScroll: true });
  section.scrollIntoView({ block: "nearest" });
}

// The address tells the query, so that it can be shared, and the page loaded again.
function remember(query) {
  const address = `/query?${new URLSearchParams({ lang, query })}`;
  if (address.length < ADDRESS_MOST) window.history.replaceState(null, "", address);
}

form.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("formaction")) return; // a download, or a short link
  event.preventDefault();
  run();
});
stopButton.addEventListener("click", () => running?.abort());

// What the server found wrong while it made the page.
const fault = document.querySelector("#fault");
const place = /^line (\d+), column (\d+): /.exec(fault?.textContent ?? "");
if (place) {
  const [line, column] = [Number(place[1]), Number(place[2])];
  markFault(view, line, column);
  fault.after(...mending({ detail: fault.textContent, line, column }, repairs));
}

const programs = document.querySelector("#programs");
programs.addEventListener("toggle", async () => {
  if (!programs.open) return;
  const response = await fetch("/query/snippets", { method: "POST", body: new URLSearchParams({ query: area.value }) }).catch(() => undefined);
  if (!response?.ok) return; // those of the query that the page came with stay
  const told = await response.json();
  for (const [name, code] of Object.entries(told)) programs.querySelector(`[data-program="${name}"]`).textContent = code;
});
for (const button of programs.querySelectorAll("[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const code = programs.querySelector(`[data-program="${button.dataset.copies}"]`).textContent;
    const done = await navigator.clipboard?.writeText(code).then(() => words.copied, () => words.notCopied);
    state.textContent = done ?? words.notCopied;
  });
}
