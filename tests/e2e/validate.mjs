// Says of each page that it gets what is wrong with its HTML: a line of JSON in, a line of JSON out.
import readline from "node:readline";
import { HtmlValidate } from "html-validate";

const judge = new HtmlValidate({
  root: true,
  extends: ["html-validate:recommended", "html-validate:document", "html-validate:a11y"],
  rules: {
    "no-inline-style": "error",
    "no-dup-id": "error",
    "require-csp-nonce": "off", // our policy allows 'self' and no inline script, so there is nothing to give a nonce to
    "require-sri": "off", // every script and style is ours; tests watch that nothing comes from elsewhere
    "long-title": "off", // a title begins with the name of a thing, however long; search engines cut it, readers do not
    "no-trailing-whitespace": "off", // of the HTML that templates make
    "doctype-style": "off",
    "void-style": "off",
    "no-implicit-input-type": "error",
    // A list without bullets is no list to VoiceOver: the role says that it is one.
    "no-redundant-role": "off",
    "prefer-native-element": ["error", { exclude: ["region"] }], // <section> is no region that scrolls
    "valid-id": ["error", { relaxed: true }],
    "aria-label-misuse": ["error", { allowAnyNamable: true }], // a list may have a name
    "form-dup-name": ["error", { shared: ["radio", "checkbox", "button", "submit"] }], // boxes of one question share its name
    "script-type": "error",
  },
});

for await (const line of readline.createInterface({ input: process.stdin })) {
  const report = await judge.validateString(JSON.parse(line));
  const found = report.results.flatMap((result) => result.messages);
  const told = found.map((one) => `${one.ruleId}: ${one.message} (line ${one.line}: ${one.selector ?? ""})`);
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
