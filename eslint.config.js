import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./client/svelte.config.js";

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
