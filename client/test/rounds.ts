/** How hard those tests try that try many things: `make test ROUNDS=20` does twenty times as many (tests/support/rounds.py). */
export const rounds = Number(process.env["ROUNDS"] ?? 1) || 1;
