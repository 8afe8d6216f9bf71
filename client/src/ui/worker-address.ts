/** The service worker's address, as the server's policy asks for it: no other text can become a script's (backend/headers.py). */

/** What of Trusted Types is used; TypeScript does not know them. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(text: string): string }): { createScriptURL(text: string): unknown };
}

const WORKER = "/sw.js";

export function workerAddress(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy("kindred-worker", { createScriptURL: () => WORKER });
  // The browser's types speak of a text where the browser wants a trusted one.
  return policy ? (policy.createScriptURL(WORKER) as string) : WORKER;
}
