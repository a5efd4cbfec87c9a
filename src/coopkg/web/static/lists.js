// When a list was replaced, what the reader had open stays open, and the box that was ticked keeps the focus.
"use strict";
(() => {
  let open = [];
  let focused = "";
  document.addEventListener("htmx:beforeSwap", () => {
    open = [...document.querySelectorAll("#facets, #facets details")].filter((one) => one.open).map((one) => one.id);
    focused = document.activeElement ? document.activeElement.id : "";
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const id of open) {
      const one = document.getElementById(id);
      if (one) one.open = true;
    }
    const before = focused && document.getElementById(focused);
    if (before && before !== document.activeElement) before.focus();
  });
})();
