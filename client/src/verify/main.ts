/** The page `/verify.html`: checks evidence in the browser. It asks no server for anything, and works saved to a disk. */
import "./verify.css";
import { check, type Told } from "./check.ts";
import { words } from "./words.ts";

const root = document.querySelector("main");
const result = element("section", { role: "status" });
const evidence = chooser("evidence", ".zip,application/zip");
const keys = chooser("keys", ".json,application/json");
/** Only the newest choice may be told. */
let newest = 0;

document.title = words.title;
root?.replaceChildren(
  element("h1", {}, words.title), element("p", {}, words.intro),
  field(evidence, words.evidence, words.evidenceHint), field(keys, words.keys, words.keysHint), result,
);
for (const input of [evidence, keys]) input.addEventListener("change", () => void look());
// A file that was chosen before the page was reloaded is still there in some browsers.
if (evidence.files?.length) void look();

async function look(): Promise<void> {
  const [file, own] = [evidence.files?.[0], keys.files?.[0] ?? null];
  const mine = (newest += 1);
  if (!file) return result.replaceChildren();
  result.removeAttribute("data-outcome");
  result.replaceChildren(element("p", {}, words.checking));
  const found = await check({ evidence: file, keys: own });
  if (mine !== newest) return;
  result.replaceChildren(...shown(found));
  result.dataset["outcome"] = found.outcome;
}

function shown({ heading, lines, problems, keyIds, proves, doesNotProve }: Told): HTMLElement[] {
  return [
    element("h2", {}, heading),
    ...(problems.length > 0 ? [element("p", {}, words.problems(problems.length)), list(problems, "problems")] : []),
    ...lines.map((line) => element("p", {}, line)),
    ...(keyIds.length > 0 ? [list(keyIds, "keys")] : []),
    ...(proves.length > 0 ? [element("h3", {}, words.proves), list(proves)] : []),
    ...(doesNotProve.length > 0 ? [element("h3", {}, words.doesNotProve), list(doesNotProve)] : []),
  ];
}

function chooser(id: string, accept: string): HTMLInputElement {
  return element("input", { type: "file", id, accept, "aria-describedby": `${id}-hint` });
}

function field(input: HTMLInputElement, label: string, hint: string): HTMLElement {
  const box = element("div", { class: "field" });
  box.append(element("label", { for: input.id }, label), input, element("p", { id: `${input.id}-hint`, class: "hint" }, hint));
  return box;
}

function list(sentences: readonly string[], kind = ""): HTMLElement {
  const made = element("ul", kind ? { class: kind } : {});
  made.append(...sentences.map((sentence) => element("li", {}, sentence)));
  return made;
}

function element<K extends keyof HTMLElementTagNameMap>(name: K, attributes: Record<string, string>, text = ""): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}
