import { expect, test } from "vitest";
import { Refusal } from "../../protocol/errors.ts";
import { asFailure } from "./failure.ts";

test("what moderators decided is told apart from what is not open to somebody", () => {
  expect(asFailure(new Refusal("decided")).code).toBe("decided");
  expect(asFailure(new Refusal("forbidden")).code).toBe("forbidden");
});
