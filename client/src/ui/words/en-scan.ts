/** Reading a code with the camera. `wanted` is what the screen can use; there is always another way than scanning. */
const instead = {
  device: "You can type the code instead.",
  person: "You can compare the numbers instead.",
  invite: "You can paste the link instead.",
};

export const scan = {
  open: { device: "Scan the code", person: "Scan their code", invite: "Scan an invite" },
  why: "Kindred then asks for the camera, only to look for the code. No picture is kept or sent.",
  title: { device: "Scan the new phone’s code", person: "Scan the other phone’s code", invite: "Scan an invite" },
  asking: "Your browser may now ask if Kindred can use the camera. It is only used to look for the code.",
  looking: "Hold the square code in the picture. It is read by itself.",
  lightOn: "Light on", lightOff: "Light off", close: "Close the camera",
  again: "Try again", instead,

  trouble: {
    refused: { title: "The camera stays off", text: (instead: string) => `That is fine. ${instead} To scan after all, allow the camera for this page in your browser’s settings.` },
    none: { title: "There is no camera here", text: (instead: string) => `Kindred found no camera on this device. ${instead}` },
    busy: { title: "The camera is not free", text: (instead: string) => `Another app may be using it. Close that app, then try again. ${instead}` },
    unsupported: { title: "No camera in this browser", text: (instead: string) => `This browser does not let Kindred use the camera. ${instead}` },
    stopped: { title: "The camera is off", text: (instead: string) => `It goes off by itself when you look at something else. ${instead}` },
    unexpected: { title: "The camera didn’t start", text: (instead: string) => `Nothing is lost. ${instead}` },
  },

  foreign: "That is a code, but not one from Kindred. Nothing was opened.",
  elsewhere: (host: string) => `That code is from another server, ${host}. It can’t be used here.`,
  other: {
    device: "That is the code of a new phone. Scan it on a phone that already has Kindred: Settings, Your devices, Add a device.",
    person: "That code is for comparing with a person. Scan it on that person’s page, under “Compare numbers”.",
    invite: "That is an invite to Kindred. You don’t need it here.",
    room: "That is an invite to a group. It works for people who are already in Kindred.",
  },
};
