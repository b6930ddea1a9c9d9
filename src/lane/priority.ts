import { constants, getPriority, setPriority } from 'node:os';

const { PRIORITY_BELOW_NORMAL } = constants.priority;

/**
 * Lets Redis and Odoo go first where they share this machine and processors are scarce. A thread that is behind them
 * already (`nice`, a unit's `Nice=`) stays there: going forward is a right of root's.
 */
export function letOthersGoFirst(): void {
  try {
    // On Linux 0 is this thread alone (setpriority(2), "C library/kernel differences").
    if (getPriority(0) < PRIORITY_BELOW_NORMAL) setPriority(0, PRIORITY_BELOW_NORMAL);
  } catch {
    // A sandbox may forbid it (seccomp of containers and units): no reason not to run.
  }
}
