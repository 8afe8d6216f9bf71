/** How the network is run: transparency, contacts, appointments, hints. */
export { Appointments, guardedAppointments } from "./appointments.ts";
export { Contacts } from "./contacts.ts";
export { guardedHints, Hinting, type HintSources } from "./hints.ts";
