// How the editor looks: the colours are the page's own, light or dark, by variables that reach into the shadow root.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.definitionKeyword, tags.modifier], color: "var(--code-word)", fontWeight: "600" },
  { tag: [tags.variableName, tags.propertyName, tags.namespace, tags.typeName, tags.name], color: "var(--code-name)" },
  { tag: [tags.string, tags.url, tags.literal], color: "var(--code-text)" },
  { tag: [tags.number, tags.bool, tags.atom], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--code-note)", fontStyle: "italic" },
]);

const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--ground)", fontSize: ".95rem" },
  "&.cm-focused": { outline: "none" }, // the frame around the shadow root shows it
  ".cm-scroller": { fontFamily: "ui-monospace, monospace", lineHeight: "1.5", minHeight: "9lh", maxHeight: "36rem" },
  ".cm-content": { caretColor: "var(--ink)", padding: ".75rem 0" },
  ".cm-line": { padding: "0 .75rem" },
  ".cm-gutters": { color: "var(--soft-ink)", backgroundColor: "var(--soft)", border: "none" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "transparent", outline: "1px solid var(--accent)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "transparent", outline: "1px solid var(--fault)" },
  ".fault-here": { textDecoration: "underline wavy var(--fault)", textUnderlineOffset: "3px", backgroundColor: "var(--soft)" },
  ".cm-tooltip": { color: "var(--ink)", backgroundColor: "var(--ground)", border: "1px solid var(--line)", borderRadius: ".375rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "inherit", maxHeight: "16rem", maxWidth: "min(40rem, 90vw)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: ".25rem .5rem", lineHeight: "1.4" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { color: "var(--ground)", backgroundColor: "var(--accent)" },
  ".cm-completionDetail": { fontStyle: "normal", color: "var(--soft-ink)" },
  "li[aria-selected] .cm-completionDetail": { color: "inherit" },
  ".cm-tooltip.cm-completionInfo": { padding: ".5rem .75rem", maxWidth: "24rem" },
  ".cm-completionInfo p": { margin: "0" },
});

export const theme = [look, syntaxHighlighting(colours)];
