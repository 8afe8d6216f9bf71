/** How many digits a PIN has. */
export const pinLength = 6;

const digits = /\p{Nd}/gu;

/** The digits in what was typed or pasted, whatever script they are written in, as 0-9; at most `pinLength`. */
export function pinFrom(typed: string): string {
  return [...typed.matchAll(digits)].map(([digit]) => valueOf(digit)).join("").slice(0, pinLength);
}

/** Decimal digits of every script stand in runs of ten, beginning with zero (Unicode 16, section 4.6). */
function valueOf(digit: string): string {
  let code = digit.codePointAt(0) ?? 0;
  if (code >= 0x30 && code <= 0x39) return digit;
  let steps = 0;
  while (steps < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - 1))) {
    code -= 1;
    steps += 1;
  }
  return String(steps);
}

/** One digit repeated, or a run up or down: the first that anyone tries. */
export function isSimple(pin: string): boolean {
  const steps = [...pin].slice(1).map((digit, index) => Number(digit) - Number(pin[index]));
  return steps.every((step) => step === steps[0] && Math.abs(step) <= 1);
}
