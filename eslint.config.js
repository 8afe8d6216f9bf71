import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./client/svelte.config.js";

/** The engine's subjects, each above those before it: it imports nothing that stands after it. */
const subjects = [
  "common", "records", "rooms", "account", "sync", "trust", "groups", "messages", "cases", "staff", "decisions", "network", "devices",
  "recovery", "notifications",
];

/** What the files of a folder may not import. */
const restricted = (files, ...patterns) => ({
  files,
  ignores: ["**/*.test.ts"],
  rules: { "no-restricted-imports": ["error", { patterns }] },
});

const doors = { regex: `(?:^\\.{1,2}/|engine/)(?:${subjects.join("|")})/(?!index\\.ts$)`, message: "Import a subject of the engine through its door, index.ts." };
const contract = { regex: "/contract/(?!index\\.ts$)", message: "Import the contract through its door, index.ts." };
const above = (index) => ({
  regex: `^\\.\\./(?:(?:${[...subjects.slice(index + 1), "\\.\\./ui", "\\.\\./engine"].join("|")})/|[\\w-]+\\.ts$)`,
  message: "This subject lies below: turn the import round, or move what is shared down.",
});

export default defineConfig(
  globalIgnores(["client/dist/", ".venv/", "data/", "test-results/"]),
  js.configs.recommended,
  ts.configs.strict,
  svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      // TypeScript knows undefined names better.
      "no-undef": "off",
      "no-console": "error",
      eqeqeq: "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      // A message's HTML is never trusted.
      "svelte/no-at-html-tags": "error",
      // It looks for stores, of which there are none here, and for that asks for the type of everything that is shown.
      "svelte/require-store-reactive-access": "off",
    },
  },
  {
    files: ["client/src/**/*.{ts,svelte}", "tests/**/*.ts"],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname, extraFileExtensions: [".svelte"] },
    },
    rules: {
      // A promise nobody waits for swallows its failure.
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/await-thenable": "error",
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    files: ["client/build/**", "**/*.config.*", "client/src/**/*.test.ts", "tests/**"],
    languageOptions: { globals: { ...globals.node } },
  },
  restricted(["client/src/engine/*.ts"], doors, contract),
  ...subjects.map((subject, index) => restricted([`client/src/engine/${subject}/*.ts`], doors, contract, above(index))),
  restricted(["client/src/{contract,content,crypto,evidence,hints,protocol,store,transport}/**/*.ts"], {
    regex: "/(?:engine|ui)/", message: "The engine and the screens lie above.",
  }),
  restricted(["client/src/{ui,sw,verify}/**/*.{ts,svelte}", "client/src/main.ts"], doors, contract),
  {
    // The independent client knows docs/protocol.md and nothing of Kindred's own code.
    files: ["tests/interop/independent/**/*.ts"],
    rules: {
      "no-restricted-imports": ["error", { patterns: [{ regex: "^(\\.\\.|/|@wireapp|kindred-)", message: "The independent client imports nothing of Kindred's own code or its engine." }] }],
    },
  },
  {
    // Benchmarks and browser drivers report to a terminal.
    files: ["tests/**"],
    rules: { "no-console": "off" },
  },
);
