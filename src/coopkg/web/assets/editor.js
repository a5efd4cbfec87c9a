// The editor of the query page: it stands in for the textarea, which stays, and is what the form sends.
import { minimalSetup } from "codemirror";
import { sparql } from "codemirror-lang-sparql";
import { EditorView } from "@codemirror/view";

const area = document.querySelector("textarea#query");
// Its styles are adopted by a shadow root: the page's policy allows none that stand in the page.
if (area && "adoptedStyleSheets" in Document.prototype) {
  const host = document.createElement("div");
  area.before(host);
  const root = host.attachShadow({ mode: "open" });
  new EditorView({ doc: area.value, extensions: [minimalSetup, sparql()], parent: root, root });
  area.hidden = true;
}
