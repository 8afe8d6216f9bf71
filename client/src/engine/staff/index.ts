/** What moderators have among themselves: notes and shared answers. */
export { Answers, type OwnAnswers, saveOwnAnswers } from "./answers.ts";
export { CaseNotes } from "./case-notes.ts";
export { guardedStaff, Staffwork } from "./staffwork.ts";
