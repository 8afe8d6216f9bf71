/** What `engine.appointments` does: who looks after the network by coordinators' word, and what the operator did without it. */
import type { Certifying } from "./certifying.ts";
import type { AppointmentsContract } from "./contract-appointments.ts";
import type { OperatorActs } from "./operator-acts.ts";

interface Open {
  certifying: Certifying;
  operatorActs: OperatorActs;
}

/** The contract's side: whatever goes wrong becomes a Failure. */
export function guardedAppointments(open: () => Open, attempt: <T>(work: () => Promise<T>) => Promise<T>): AppointmentsContract {
  return {
    unconfirmed: () => attempt(() => open().certifying.unconfirmed()),
    confirm: (account, role) => attempt(() => open().certifying.decide(account, role)),
    refuse: (account) => attempt(() => open().certifying.decide(account, "member")),
    waiting: () => attempt(() => open().certifying.waiting()),
    beginAnew: () => attempt(() => open().certifying.beginAnew()),
    newFirst: () => attempt(() => open().certifying.newFirst()),
    decideFirst: (account, believe) => attempt(() => open().certifying.decideFirst(account, believe)),
    operatorActs: () => attempt(() => Promise.resolve(open().operatorActs.unread)),
    actsRead: () => attempt(() => open().operatorActs.read()),
  };
}
