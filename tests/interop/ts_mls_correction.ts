import { readFile } from "node:fs/promises";

/**
 * ts-mls 1.6 refuses trees that RFC 9420 allows: it wants the same `unmerged_leaves` in every parent above an unmerged leaf, up to the root.
 * Section 7.9 asks only that the parents between the leaf and the one that names it name it too. Without this correction nobody
 * could join a group in which core-crypto added someone, as it adds without a path.
 */
const corrections = [
  ["for (const parentIdx of dp) {", "for (const parentIdx of dp.slice(0, dp.indexOf(toNodeIndex(i)))) {"],
  ["if (!arraysEqual(dpNode.parent.unmergedLeaves, n.parent.unmergedLeaves))", "if (!dpNode.parent.unmergedLeaves.includes(leafIndex))"],
] as const;

/** A Vite plugin that changes two lines of ts-mls as it is loaded, and fails when they are not there any more. */
export function tsMlsCorrection(): { name: string; load: (id: string) => Promise<string | undefined> } {
  return {
    name: "ts-mls-correction",
    async load(id) {
      const [file = ""] = id.split("?");
      if (!/\/ts-mls\/dist\/src\/.*\.js$/.test(file)) return undefined;
      // The package names source maps that lead to files it does not carry.
      const code = (await readFile(file, "utf8")).replace(/\n\/\/# sourceMappingURL=.*/, "");
      return file.endsWith("/src/clientState.js") ? corrected(code) : code;
    },
  };
}

function corrected(code: string): string {
  return corrections.reduce((text, [wrong, right]) => {
    if (text.split(wrong).length !== 2) throw new Error(`ts-mls has changed: look whether it still needs to be corrected (${wrong})`);
    return text.replace(wrong, right);
  }, code);
}
