// What no library judges: run in a page, it defines `audit`, whose functions return sentences, one for each fault.
window.audit = (() => {
  const told = (e) => {
    const id = e.id ? `#${e.id}` : [...e.classList].map((name) => `.${name}`).join("");
    return `<${e.localName}${id}> ${(e.textContent || e.value || "").trim().replace(/\s+/g, " ").slice(0, 40)}`;
  };
  const isShown = (e) =>
    e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !e.closest(".unseen, .skip:not(:focus)");
  const clips = (style) => [style.overflowX, style.overflowY].some((one) => one !== "visible");

  /** The part of a rectangle that the boxes which clip an element let through. */
  const throughClips = (e, rect) => {
    let { left, top, right, bottom } = rect;
    for (let box = e; box && box !== document.body; box = box.parentElement) {
      if (!clips(getComputedStyle(box))) continue;
      const seen = box.getBoundingClientRect();
      left = Math.max(left, seen.left);
      top = Math.max(top, seen.top);
      right = Math.min(right, seen.right);
      bottom = Math.min(bottom, seen.bottom);
    }
    return { left, top, right, bottom };
  };

  /** Every line of text that is seen, with its box. */
  const lines = () => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const e = text.parentElement;
      if (!text.data.trim() || e.closest("script, style, template, noscript, option, textarea") || !isShown(e)) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      for (const rect of range.getClientRects()) {
        const box = throughClips(e, rect);
        if (box.right - box.left > 1 && box.bottom - box.top > 1) found.push({ text, e, ...box });
      }
    }
    return found.sort((a, b) => a.top - b.top);
  };

  /** Two texts of which one lies on the other, by more than lines of one paragraph do. */
  const overlaps = () => {
    const found = new Set();
    const all = lines();
    all.forEach((a, at) => {
      for (const b of all.slice(at + 1)) {
        if (b.top >= a.bottom) break;
        if (b.text === a.text) continue;
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 2 && high > 0.4 * Math.min(a.bottom - a.top, b.bottom - b.top))
          found.add(`${told(a.e)} lies on ${told(b.e)}`);
      }
    });
    return [...found];
  };

  /** Texts that a box cuts off without a way to scroll to the rest. */
  const cut = () => {
    const found = [];
    for (const e of document.querySelectorAll("body *:not(script, style, svg *, textarea, input)")) {
      if (!isShown(e) || !e.textContent.trim()) continue;
      const style = getComputedStyle(e);
      const hides = (way) => ["hidden", "clip"].includes(way);
      if (e.localName === "select" && selectIsCut(e, style)) found.push(`${told(e)}: the choice is cut`);
      else if (e.localName === "svg") continue;
      else if (hides(style.overflowX) && e.scrollWidth > e.clientWidth + 1) found.push(`${told(e)}: cut in width`);
      else if (hides(style.overflowY) && e.scrollHeight > e.clientHeight + 1) found.push(`${told(e)}: cut in height`);
    }
    for (const svg of document.querySelectorAll("svg")) {
      const frame = svg.getBoundingClientRect();
      for (const text of svg.querySelectorAll("text")) {
        const box = text.getBoundingClientRect();
        if (box.width && (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1
          || box.bottom > frame.bottom + 1)) found.push(`${told(text)}: outside of its drawing`);
      }
    }
    return found;
  };

  const selectIsCut = (select, style) => {
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = style.font;
    const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    return pen.measureText(select.selectedOptions[0]?.text ?? "").width > room;
  };

  /** What makes the page wider than its window. */
  const sideways = () => {
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide) return [];
    const beyond = [...document.querySelectorAll("body *")].filter((e) => {
      const { left, top, bottom, width } = e.getBoundingClientRect();
      const right = left + Math.max(width, e.scrollWidth);
      return isShown(e) && throughClips(e, { left, top, right, bottom }).right > wide + 1;
    });
    return [`${document.documentElement.scrollWidth} px in ${wide}: ${told(beyond.at(-1) ?? document.body)}`];
  };

  const focusable = () => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex='-1']), [contenteditable]",
  )].filter((e) => !e.disabled && e.checkVisibility({ visibilityProperty: true }));

  /** Where a finger may press: a box may be ticked by its label. */
  const target = (e) => {
    const parts = [e, ...(e.matches("[type=checkbox], [type=radio]") ? e.labels : [])].map((one) => one.getBoundingClientRect());
    const [left, top] = [Math.min(...parts.map((one) => one.left)), Math.min(...parts.map((one) => one.top))];
    const [right, bottom] = [Math.max(...parts.map((one) => one.right)), Math.max(...parts.map((one) => one.bottom))];
    return { width: right - left, height: bottom - top };
  };

  /** Buttons, fields and links of menus that a finger misses (WCAG 2.5.8; links in sentences are free). */
  const small = () => focusable().filter((e) => isShown(e) && e.matches("button, input, select, summary, nav a, svg a"))
    .map((e) => [e, target(e)])
    .filter(([e, box]) => Math.min(box.width, box.height) < 24 && !e.matches("svg a"))
    .map(([e, box]) => `${told(e)}: ${Math.round(box.width)} by ${Math.round(box.height)} px`);

  const look = (e) => [e, ...e.querySelectorAll("*")].slice(0, 8).map((one) => {
    const s = getComputedStyle(one);
    return [s.outlineStyle, s.outlineWidth, s.boxShadow, s.borderColor, s.backgroundColor, s.stroke, s.strokeWidth, s.textDecorationLine].join();
  }).join(";");

  /** What looks the same with the keyboard's focus on it, or lies below something else. Needs a Tab before. */
  const unseenFocus = () => {
    const found = [];
    for (const e of focusable()) {
      document.activeElement?.blur();
      const before = look(e);
      e.focus();
      if (document.activeElement !== e) continue;
      const after = getComputedStyle(e);
      const hasOutline = after.outlineStyle !== "none" && parseFloat(after.outlineWidth) >= 2;
      if (!hasOutline && look(e) === before) found.push(`${told(e)}: focus is not seen`);
    }
    document.activeElement?.blur();
    return found;
  };

  /** What each page must have once. */
  const frame = () => {
    const found = [];
    const h1 = document.querySelectorAll("h1");
    if (h1.length !== 1 || !h1[0].textContent.trim()) found.push(`${h1.length} h1`);
    if (!document.title.trim()) found.push("no title");
    if (!(document.querySelector("meta[name=description]")?.content ?? "").trim()) found.push("no description");
    // What is said to search engines is data: no browser runs it.
    if (document.querySelectorAll("[style], style, script:not([src], [type='application/ld+json'])").length) found.push("inline style or script");
    if (document.querySelectorAll("main").length !== 1) found.push("not one main");
    for (const e of document.querySelectorAll("*"))
      if ([...e.attributes].some((one) => one.name.startsWith("on"))) found.push(`${told(e)}: handler in an attribute`);
    for (const a of document.querySelectorAll("a[href], form[action], [formaction]"))
      if (!/^(https?:|mailto:|tel:)$/.test(a.protocol ?? new URL(a.action ?? a.formAction, location.href).protocol))
        found.push(`${told(a)}: leads to ${a.getAttribute("href") ?? a.getAttribute("action")}`);
    return found;
  };

  /** Texts that a control character of another text turns around: read from right to left without asking for it. */
  const turned = () => {
    const found = [];
    const at = (text, index) => {
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + 1);
      return range.getBoundingClientRect();
    };
    for (const { text, e } of lines()) {
      const start = text.data.search(/\w\w/);
      if (start < 0 || /[\u202a-\u202e\u2066-\u2069\u0590-\u08ff]/.test(text.data)) continue;
      const [first, second] = [at(text, start), at(text, start + 1)];
      if (first.top === second.top && first.left > second.left) found.push(told(e));
    }
    return [...new Set(found)];
  };

  return { turned, overlaps, cut, sideways, small, unseenFocus, frame };
})();
