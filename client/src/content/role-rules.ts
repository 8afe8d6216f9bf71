/** Who looks after a room and what they decided. `until` in milliseconds. */
export interface RoleRules {
  stewards: string[];
  add: "all" | "stewards";
  muted: [account: string, until: number][];
}
