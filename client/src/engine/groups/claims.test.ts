import { describe, expect, it } from "vitest";
import { Refusal } from "../../protocol/errors.ts";
import type { Http } from "../../transport/http.ts";
import { Claims } from "./claims.ts";
import type { People } from "../rooms/people.ts";

const [ann, gone, bea] = ["a", "b", "c"] as const;

/** Claims of a server that refuses the one who has gone with this. */
function claims(code: string): { claims: Claims; asked: string[] } {
  const asked: string[] = [];
  const post = (_path: string, { accounts }: { accounts: string[] }): Promise<unknown> => {
    asked.push(accounts.join());
    return accounts.includes(gone) ? Promise.reject(new Refusal(code)) : Promise.resolve({ packages: [], missing: [] });
  };
  return { claims: new Claims({ post } as unknown as Http, {} as People, "kindred.example", () => undefined), asked };
}

describe("key packages of whoever may come", () => {
  it.each(["not_found", "forbidden"])("are asked for one by one when somebody among them is refused with %s", async (code) => {
    const one = claims(code);
    expect(await one.claims.ofWhoeverMay("room", [ann, gone, bea])).toEqual({ additions: [], refused: [] });
    expect(one.asked).toEqual(["a,b,c", "a", "b", "c"]);
    await expect(one.claims.of("room", [ann, gone])).rejects.toMatchObject({ code });
  });

  it("are nobody's while the server gives no answer, and asked for at once where nobody is refused", async () => {
    const one = claims("unreachable");
    await expect(one.claims.ofWhoeverMay("room", [ann, gone])).rejects.toMatchObject({ code: "unreachable" });
    expect(one.asked).toEqual(["a,b"]);
    await one.claims.ofWhoeverMay("room", [ann, bea]);
    expect(one.asked).toEqual(["a,b", "a,c"]);
  });
});
