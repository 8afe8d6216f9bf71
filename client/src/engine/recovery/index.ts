/** Recovery words and the backup behind them. */
export { BackupKeeper } from "./backup.ts";
export { Recovering } from "./recovery.ts";
