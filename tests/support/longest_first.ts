import { basename } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take a minute or more, the longest first. The rest is begun by size, as Vitest does. */
const long = [
  "screens_two.test.ts", "screens_one.test.ts", "two_devices.test.ts", "promises.test.ts", "escalation.test.ts", "membership.test.ts", "returning.test.ts",
  "roles.test.ts", "talking.test.ts", "contacts.test.ts", "short_way.firefox.test.ts", "malicious_member.test.ts", "mid_case.test.ts",
];

/** Begins with what takes longest, so that no core is left without work while the last one ends. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => (long.indexOf(basename(moduleId)) + long.length + 1) % (long.length + 1);
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}
