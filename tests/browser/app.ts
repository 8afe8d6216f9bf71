import { testid } from "../../client/src/ui/testids.ts";
import { patience, type Context, type Page } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { until } from "../support/processes.ts";
import { Room } from "./room.ts";

export type Id = keyof typeof testid;

/** The selector of what carries this testid. */
export function at(id: Id, attributes = ""): string {
  return `[data-testid="${testid[id]}"]${attributes}`;
}

/** Waiting that includes keys being made on a busy machine. */
const slow = 60_000;

/** Kindred as one person sees it in one tab. Every method does what a person would do, and waits until it has happened. */
export class App {
  pin = "274951";

  constructor(
    readonly page: Page,
    readonly name: string,
    readonly context: Context,
  ) {}

  /** Brings this tab before the others of its browser: a tab behind another can be read but not touched. */
  async front(): Promise<void> {
    await puppetOf(this.page).bringToFront();
  }

  /** Answers the invite that this tab was opened with, up to the chats. */
  async join(): Promise<void> {
    await this.click("inviteStart");
    await this.fill("nameInput", this.name);
    await this.click("nameNext");
    await this.choosePin(this.pin);
    await this.click("conductAgree");
    await this.page.waitFor(at("screenChats"), slow);
  }

  async choosePin(pin: string): Promise<void> {
    await this.page.waitFor(at("screenPin", '[data-step="first"]'));
    await this.tapPin(pin);
    await this.page.waitFor(at("screenPin", '[data-step="again"]'));
    await this.tapPin(pin);
  }

  /** Taps the large keys, one digit after the other. */
  async tapPin(pin: string): Promise<void> {
    for (const digit of pin) await this.page.click(`[data-testid="${testid.pinKey}-${digit}"]`);
  }

  /** Opens a locked Kindred with the PIN. */
  async unlock(pin: string = this.pin): Promise<void> {
    await this.page.waitFor(at("screenUnlock"));
    await this.tapPin(pin);
    await this.page.waitFor(at("screenChats"), slow);
  }

  async lock(): Promise<void> {
    await this.toChats();
    await this.click("openSettings");
    await this.click("settingsLock");
    await this.page.waitFor(at("screenUnlock"));
  }

  /** Takes the profile from another tab of the browser and opens it. The page may load itself anew for that. */
  async takeOver(): Promise<void> {
    await this.front();
    await this.page.waitFor(at("screenElsewhere"));
    await this.click("takeOver");
    await this.unlock();
  }

  /** Loads the page anew and enters the PIN. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.unlock();
  }

  /** Goes back until the chats are there. */
  async toChats(): Promise<void> {
    for (let here = await this.place(); !here.startsWith(testid.screenChats); here = await this.place()) {
      const before = here;
      await this.click("back");
      await until(async () => (await this.place()) !== before, patience, () => `${this.name} does not get back from ${before}`);
    }
  }

  /** The testid of the screen that is shown, and of which room or case it is: in the console, a case lies over the queue. */
  async place(): Promise<string> {
    return this.page.eval(() => {
      const screens = [...document.querySelectorAll<HTMLElement>('[data-testid^="screen-"]')];
      const { testid, room, case: question } = screens.find((one) => one.checkVisibility({ visibilityProperty: true }))?.dataset ?? {};
      return `${testid} ${room ?? question ?? ""}`.trim();
    });
  }

  /** Opens a conversation from the list of chats. */
  async open(title: string): Promise<Room> {
    await this.toChats();
    await this.page.click(await this.holding("chatItem", title));
    return this.here(title);
  }

  /** Enters an open room of the network that this person is not in yet. */
  async joinOpenRoom(title: string): Promise<Room> {
    await this.toChats();
    await this.page.click(`${await this.holding("openRoomItem", title)} ${at("openRoomJoin")}`);
    return this.here(title);
  }

  /** Makes a private group with these people and goes into it. */
  async makeGroup(name: string, people: readonly string[]): Promise<Room> {
    await this.toChats();
    await this.click("add");
    await this.click("addGroup");
    await this.fill("groupName", name);
    for (const person of people) await this.page.click(await this.holding("personChoice", person));
    await this.click("groupCreate");
    return this.here(name);
  }

  /** Starts (or finds) the conversation with one person. */
  async writeTo(person: string): Promise<Room> {
    await this.toChats();
    await this.click("add");
    await this.click("addWrite");
    await this.page.click(await this.holding("personChoice", person));
    return this.here(person);
  }

  /** Opens a link of this very app in this tab, as from another app. */
  async openLink(link: string): Promise<void> {
    await this.page.eval((fragment) => {
      location.hash = fragment;
    }, new URL(link).hash);
    await this.page.waitFor(at("screenInvite"));
  }

  /** Opens a link to a private group and joins it. */
  async acceptRoomInvite(link: string, title: string): Promise<Room> {
    await this.openLink(link);
    await this.click("roomInviteJoin");
    return this.here(title);
  }

  /** A coordinator's or moderator's link into the network, for one person. */
  async makeInvite(role: "member" | "moderator" = "member"): Promise<string> {
    await this.toChats();
    await this.click("add");
    await this.click("addInvite");
    // Coordinators alone are asked for whom it is.
    if (role !== "member") await this.page.click(`label:has([name="role"][value="${role}"])`);
    await this.click("inviteCreate");
    return this.page.text(at("inviteLink"));
  }

  /** A coordinator confirms somebody whom the operator made staff: from the line over the chats, back to them. */
  async confirmStaff(): Promise<void> {
    await this.toChats();
    await this.page.waitFor(at("staffLine"), slow);
    await this.click("staffLineLook");
    await this.click("unconfirmedYes");
    await this.click("confirmYes");
    await this.page.waitGone(at("unconfirmed"));
    await this.toChats();
  }

  /** A new room that everyone in the network can find. */
  async makeOpenRoom(title: string): Promise<Room> {
    await this.toChats();
    await this.click("add");
    await this.click("addOpenRoom");
    await this.fill("openRoomName", title);
    await this.click("openRoomCreate");
    return this.here(title);
  }

  /** Waits until the list of chats shows this many unread messages for a conversation. */
  async waitForUnread(title: string, count: number): Promise<void> {
    await this.toChats();
    const row = await this.holding("chatItem", title);
    const unread = async (): Promise<number> => parseInt((await this.page.texts(`${row} ${at("chatUnread")}`))[0] ?? "0", 10);
    await until(async () => (await unread()) === count, patience, async () => `${this.name} has ${await unread()} unread in ${title}, not ${count}`);
  }

  /** The titles in the list of chats, in its order. */
  async chats(): Promise<string[]> {
    await this.toChats();
    return this.page.texts(`${at("chatItem")} .title`);
  }

  /** Waits until the list of chats has this one, or has it no more. */
  async waitForChat(title: string, there = true): Promise<void> {
    await until(async () => (await this.chats()).includes(title) === there, patience, async () => `${this.name} has ${(await this.chats()).join(" | ")}`);
  }

  async click(id: Id): Promise<void> {
    await this.page.click(at(id));
  }

  async fill(id: Id, text: string): Promise<void> {
    await this.page.fill(at(id), text);
  }

  /** The selector of the item of a list whose title, or whose text where it has none, holds `words`, once it is there. */
  async holding(id: Id, words: string): Promise<string> {
    const find = (testId: string, text: string): string | null => {
      const items = [...document.querySelectorAll<HTMLElement>(`[data-testid="${testId}"]`)];
      // Beside the title stands what was said last, which may be about somebody of that name.
      const holds = (one: HTMLElement): boolean => (one.querySelector<HTMLElement>(".title") ?? one).innerText.includes(text);
      const { room, account } = items.find(holds)?.dataset ?? {};
      return room ? `[data-room="${room}"]` : account ? `[data-account="${account}"]` : null;
    };
    return at(id, await until(() => this.page.eval(find, testid[id], words), patience, () => `${this.name} finds no ${testid[id]} with “${words}”`));
  }

  private async here(title: string): Promise<Room> {
    await this.page.waitFor(at("screenRoom"), slow);
    const room = new Room(this, title);
    await room.arrived();
    return room;
  }
}
