import { expect } from "vitest";
import { testid } from "../../client/src/ui/testids.ts";
import { en } from "../../client/src/ui/words/en.ts";
import { patience, type Page } from "../support/browsers/page.ts";
import { until } from "../support/processes.ts";
import { at, type App } from "./app.ts";
import { readAll, readShown, type Names, type ShownLine } from "./reading.ts";

const names: Names = {
  list: testid.messageList,
  message: testid.message,
  text: testid.messageText,
  system: testid.systemLine,
  reaction: testid.reaction,
  reply: testid.messageReply,
  beginning: en.room.beginning,
};

/** An open conversation, as one person sees it. */
export class Room {
  private readonly page: Page;

  constructor(
    readonly app: App,
    readonly title: string,
  ) {
    this.page = app.page;
  }

  /** Waits until the conversation's name and what is in it are shown. */
  async arrived(): Promise<void> {
    await until(
      async () => (await this.page.texts(at("roomDetails"))).some((text) => text.includes(this.title)) && (await this.page.has(at("messageList"))),
      patience,
      async () => `${this.app.name} is not in “${this.title}” but in “${(await this.page.texts(at("roomDetails"))).join()}”`,
    );
  }

  /** Writes and sends; returns when the message stands in the conversation, sent or waiting. */
  async send(text: string): Promise<void> {
    await this.app.fill("composer", text);
    await this.submit(text);
  }

  async answer(to: string, text: string): Promise<void> {
    await this.menu(to, "menuReply");
    await this.app.fill("composer", text);
    await this.submit(text);
  }

  async edit(text: string, changed: string): Promise<void> {
    await this.menu(text, "menuEdit");
    await this.app.fill("composer", changed);
    await this.submit(changed);
  }

  async react(to: string, emoji: string): Promise<void> {
    await this.openMenu(to);
    await this.page.click(at("menuReact", `[data-emoji="${emoji}"]`));
    await this.page.waitGone(at("messageMenu"));
  }

  /** Deletes for everyone, saying yes to both questions. */
  async remove(text: string): Promise<void> {
    await this.menu(text, "menuDelete");
    await this.page.waitFor(`text=${en.message.removeText}`);
    await this.app.click("confirmYes");
    await this.page.waitFor(`text=${en.message.removeAgain}`);
    await this.app.click("confirmYes");
    await this.page.waitGone(at("confirmYes"));
  }

  /** Waits until a message of this text is in view. */
  async waitFor(text: string): Promise<void> {
    await until(
      async () => (await this.shown()).some((line) => line.text === text),
      patience,
      async () => `${this.app.name} does not see “${text}” in ${this.title}, only ${(await this.shown()).map((line) => line.text).join(" | ")}`,
    );
  }

  /** Waits until the newest own message of this text has this state. */
  async waitForState(text: string, state: "waiting" | "sent" | "delivered" | "failed"): Promise<void> {
    const order = ["waiting", "sent", "delivered"];
    const good = (now: string | null | undefined): boolean => now === state || (state !== "failed" && order.indexOf(now ?? "") > order.indexOf(state));
    await this.waitForLine(text, (line) => good(line.state));
  }

  /** Waits until the newest message of this text in view looks as it should. */
  async waitForLine(text: string, good: (line: ShownLine) => boolean): Promise<void> {
    await until(
      async () => {
        const line = (await this.shown()).findLast((one) => one.text === text);
        return line !== undefined && good(line);
      },
      patience,
      async () => `“${text}” does not come to look as it should for ${this.app.name}: ${JSON.stringify(await this.shown())}`,
    );
  }

  /** Waits until a line that nobody wrote, such as who left, is in view. */
  async waitForSystem(text: string): Promise<void> {
    await until(
      async () => (await this.shown()).some((line) => line.kind === "system" && line.text === text),
      patience,
      async () => `${this.app.name} is not told “${text}”: ${JSON.stringify(await this.shown())}`,
    );
  }

  /** What stands on the screen now, oldest first. */
  shown(): Promise<ShownLine[]> {
    return this.page.eval(readShown, names);
  }

  /** The whole conversation, read by scrolling from the newest message back to the beginning; anew where news tore it. */
  async all(): Promise<ShownLine[]> {
    let why = "";
    return until(async () => {
      const read = (await this.page.evaluate(readAll(names, patience))) as { lines: ShownLine[] } | { failed: string };
      why = "failed" in read ? read.failed : "";
      return "lines" in read ? read.lines : null;
    }, patience, () => `${this.app.name} in ${this.title}: ${why}`);
  }

  /** The texts of all messages, system lines left out. */
  async texts(): Promise<string[]> {
    return (await this.all()).filter((line) => line.kind === "message").map((line) => line.text);
  }

  /** Waits until the whole conversation is exactly this: nothing lost, doubled or out of order. */
  async expectTexts(wanted: readonly string[]): Promise<void> {
    const deadline = Date.now() + patience;
    let texts = await this.texts();
    while (texts.join("\n") !== wanted.join("\n") && Date.now() < deadline) texts = await this.texts();
    expect(texts, `what ${this.app.name} sees in ${this.title}`).toEqual(wanted);
  }

  /** The screen about this conversation: members, invites, leaving. */
  async details(): Promise<void> {
    await this.app.click("roomDetails");
    await this.page.waitFor(at("screenGroup"));
  }

  async members(): Promise<string[]> {
    await this.details();
    // What is not yet drawn has no text.
    const drawn = (texts: string[]): string[] | null => (texts.length > 0 && texts.every((text) => text !== "") ? texts : null);
    const members = await until(async () => drawn(await this.page.texts(at("member"))), patience, () => `No members of ${this.title}`);
    await this.app.click("back");
    await this.page.waitFor(at("screenRoom"));
    return members;
  }

  /** Waits until this person sees so many in it. */
  async waitForMembers(count: number): Promise<void> {
    await until(async () => (await this.members()).length === count, patience, async () => `${this.app.name} sees ${(await this.members()).join(" | ")}`);
  }

  /** A link to this private group, for one person. */
  async makeInvite(): Promise<string> {
    await this.details();
    await this.app.click("groupInvite");
    await this.app.click("inviteCreate");
    return this.page.text(at("inviteLink"));
  }

  /** Adds people of one's other conversations to this private group. */
  async add(people: readonly string[]): Promise<void> {
    await this.details();
    await this.app.click("groupAdd");
    for (const person of people) await this.page.click(await this.app.holding("personChoice", person));
    await this.app.click("addPeopleDone");
    await this.page.waitFor(at("screenGroup"));
  }

  /** Gives the group another name. */
  async rename(name: string): Promise<void> {
    await this.details();
    await this.app.click("groupRename");
    await this.app.fill("renameInput", name);
    await this.app.click("renameSave");
    await this.page.waitGone(at("renameInput"));
  }

  /** Leaves, saying yes to both questions. */
  async leave(): Promise<void> {
    await this.details();
    await this.app.click("groupLeave");
    await this.page.waitFor(at("confirmYes"));
    await this.app.click("confirmYes");
    await until(async () => (await this.page.text(at("confirmYes"))) === en.group.leaveReally, patience, () => "There is no second question");
    await this.app.click("confirmYes");
    await this.page.waitFor(at("screenChats"));
  }

  private async submit(text: string): Promise<void> {
    await this.app.click("send");
    await until(async () => (await this.page.texts(at("composer")))[0] === "", patience, () => `${this.app.name} cannot send “${text}”`);
    await this.waitFor(text);
  }

  private async menu(text: string, item: "menuReply" | "menuEdit" | "menuDelete"): Promise<void> {
    await this.openMenu(text);
    await this.app.click(item);
    await this.page.waitGone(at("messageMenu"));
  }

  private async openMenu(text: string): Promise<void> {
    await this.waitFor(text);
    const key = (await this.shown()).findLast((line) => line.text === text)?.key ?? "";
    await this.page.longPress(at("message", `[data-message="${key}"] .bubble`));
    await this.page.waitFor(at("messageMenu"));
  }
}
