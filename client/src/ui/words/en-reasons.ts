import type { BranchFact, Finding } from "../../contract/index.ts";

/** On what a decision rests and why that falls under its card or law: for whoever decides, and for whoever it is about. */
export const reasons = {
  found: {
    hurtful: "Words that hurt, shame or put somebody down", went_on: "Going on after somebody wanted it to stop", threatened: "Threatening somebody, or making somebody afraid", lured: "Offering work, money, travel or dates",
    asked_private: "Asking for pictures, papers, passwords, or where somebody is", told_on: "Passing on what was said here, or who is here", pictures: "A picture that hurts somebody, or that nobody may pass on", pretended: "Pretending to be somebody else",
    advertised: "Advertising, or writing the same again and again", false_reports: "Asking moderators again and again in a way that hurts others", other: "Something else that this is about",
  } satisfies Record<Finding, string>,

  /** For whoever decides. */
  choose: {
    title: "Why does it fall under this?", text: "They read it, word for word.", own: "In your own words", otherOwn: "Say in your own words below what it is.", otherLater: "Write to them what it is when it is agreed: they read no more of it until then.", missing: "They have not read yet what it is. Write to them.",
    of: (found: string) => `Seen as: ${found}`, branch: "What happened?", branchText: "All of them read it. Whose invites they came in by, they don’t read.",
    facts: { one: "One person in this branch did it", several: "Several people in this branch did it", astray: "An invite reached people it was not meant for" } satisfies Record<BranchFact, string>,
  },

  /** For whoever it is about. */
  mine: {
    happened: "What happened", falls: "Why it falls under this", fell: "Why it was said to fall under this", do: "What you can do",
    seen: "What you wrote or did was seen as this:", seenOfBranch: "What they were cut off for was seen as this:", unsaid: "This was not written down then.",
    other: "If the moderators wrote to you, they say there what they mean. If that does not tell you enough, say so: you can object.",
    operator: "They write:",
    branch: "People come in here by invites. Everyone who came in by one person’s invites, or through somebody they brought, was cut off together. You came in that way. Whose invites they were is not told.",
    facts: { one: "The reason is what one person among them did.", several: "The reason is what several people among them did.", astray: "The reason is that an invite reached people it was not meant for." } satisfies Record<BranchFact, string>,
    notYou: "Nobody looked at what you did yourself, and nobody says that you did anything wrong. If it is wrong for you, object: then somebody looks at you alone.",
    top: "It is about you, and about those who came in through you.",
    topFacts: { one: "The reason is what one person among you did.", several: "The reason is what several people among you did.", astray: "The reason is that an invite reached people it was not meant for." } satisfies Record<BranchFact, string>,
    operatorFrom: { report: "Somebody told them about it.", own_initiative: "They saw it themselves." },
  },

  /** For whoever comes back after a ban. */
  back: {
    title: "You are back", text: "While you were away you were taken out of some conversations. What you had of them is still on this device. What was said in them since then does not come to you.",
    groups: "Somebody who is in these groups can add you again. You can ask them. You don’t have to.",
    people: "You can write to these people again. Open their page:",
    open: "You can join these again by yourself, when you like:",
    done: "I have read this",
  },
};
