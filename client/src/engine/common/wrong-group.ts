/** The server offers a group that is not the one it should be: another one, an older state, or one that others can remove people from. */
export class WrongGroup extends Error {
  constructor() {
    super("wrong group");
    this.name = "WrongGroup";
  }
}
