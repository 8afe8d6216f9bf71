const messages = (n: number): string => (n === 1 ? "1 message" : `${n.toLocaleString("en")} messages`);

export const evidence = {
  withdrawn: "Whoever asked took the question back, so no more evidence is made of it.",
  open: "Export evidence", title: "Export evidence", loading: "Looking through what was shown",
  text: "A file for police, a lawyer or a platform. Anybody can check it, and it can’t be changed unnoticed. It is made on this device. The audit log keeps that you made it.",
  who: "Whose words go in", whoText: "Leave out whoever has nothing to do with it. That they wrote something at that time stays provable, but not who or what.", messages,
  some: (inside: number, n: number): string => `${inside.toLocaleString("en")} of ${messages(n)}`,
  each: "Choose single messages", eachWords: "Show the words", picture: "A picture",
  later: (n: number): string => `${messages(n)} ${n === 1 ? "was" : "were"} shown after the yes and will not be in it. To hand ${n === 1 ? "it" : "them"} over, ask for another yes.`,
  noneYet: "All of it was shown after the yes. To hand it over, ask for another yes.",
  doubted: (n: number) => `${messages(n)} can’t be proven and will not be in it.`, none: "Nothing that was shown can be proven.",
  pictures: (n: number): string => (n === 1 ? "With the picture" : `With ${n.toLocaleString("en")} pictures`),
  picturesText: "As sent, and blurred until a reader asks. The law may forbid to copy some, whatever for. Without, it still proves what was sent.",
  absent: (n: number): string => `Saved. ${n === 1 ? "1 picture is" : `${n.toLocaleString("en")} pictures are`} not in it, and it says so. Keep it as it is.`,
  large: "That is more than one file can hold. Leave some messages out, then try again.",
  names: "In it are the name that each writer had here, and the numbers of their accounts and chats.",
  make: "Make the file", making: "Making the file", made: "Saved. Keep it as it is.", more: "More was shown just now. Look at the choice once more.",
  check: "It can be checked at /verify.html on this server.",
};
