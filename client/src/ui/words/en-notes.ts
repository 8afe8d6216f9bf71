/** What a notification can say. By itself, so that the service worker has these words without all others (client/src/sw/push.ts). */
export const notes = { news: "Something is new", reminder: "Reminder", update: "Update ready" };
