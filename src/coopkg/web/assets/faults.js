// Where a query is at fault: marked in the editor, from the line and the column that the endpoint says.
import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView } from "@codemirror/view";

const mark = StateEffect.define();
const shown = Decoration.mark({ class: "fault-here", attributes: { "aria-invalid": "true" } });

export const faults = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) if (effect.is(mark)) return effect.value;
    return transaction.docChanged ? Decoration.none : marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

// The offset of a line and a column, both from 1; columns count characters, not the halves of JavaScript.
export function offset(doc, line, column) {
  const found = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const before = [...found.text].slice(0, column - 1).join("");
  return Math.min(found.from + before.length, found.to);
}

export function markFault(view, line, column) {
  const doc = view.state.doc;
  if (!doc.length) return;
  let from = offset(doc, line, column);
  if (from === doc.lineAt(from).to && from > 0) from -= 1; // at the end of a line there is nothing to underline
  const word = doc.sliceString(from, doc.lineAt(from).to).match(/^[^\s.;,{}()]+/);
  const to = Math.min(doc.length, from + Math.max(1, word ? word[0].length : 1));
  view.dispatch({ effects: mark.of(Decoration.set([shown.range(from, to)])) });
}

export function clearFaults(view) {
  view.dispatch({ effects: mark.of(Decoration.none) });
}
