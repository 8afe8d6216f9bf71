/** "224 KB", "1.2 MB". */
const size = (bytes: number): string => (bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`);

export const pictures = {
  picture: "Picture", add: "Add a picture", chosen: "Your picture", away: "Leave the picture out",
  what: "What is in it? (if you like)", whatWhy: "For people who cannot see it.",
  bare: "Its place and time are removed.",
  none: "That file is no picture that can be sent.", readying: "Getting the picture ready",
  show: (bytes: number) => `Show picture (${size(bytes).replace(" ", "\u00a0")})`, loading: "Loading the picture", open: "Open the picture", close: "Close",
  gone: "This picture is no longer there.", unchecked: "This picture could not be checked. It is not shown.",
  goneShown: "This picture is not here: it is still on its way, or no longer to be had.",
  uncheckedShown: "What came is not the picture that was sent, so it is not shown.",
  failed: "The picture could not be loaded. Nothing is lost.", again: "Try again", unnamed: "Picture without a description",
  toModerators: "A picture. It is blurred until they choose to look.",
  veiled: "Show the picture clearly", hide: "Hide the picture",
};
