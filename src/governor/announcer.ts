import type { GovernorState } from './state.js';

/** Between two announcements, whatever happens; and between two that differ only in their numbers. */
const GAP_MS = 1000;
const NUMBERS_GAP_MS = 5000;

/** Decides which states are worth a line: every new one, but not each new number in it. */
export class Announcer {
  #announced: Pick<GovernorState, 'name' | 'cause' | 'reason'> = { name: 'full speed', cause: '', reason: '' };
  #atMs = Number.NEGATIVE_INFINITY;

  /** Whether `state` is to be announced now. One that must wait is offered again later. */
  offer(state: GovernorState, nowMs: number): boolean {
    const { name, cause, reason } = this.#announced;
    const isOther = state.name !== name || state.cause !== cause;
    if (!isOther && state.reason === reason) return false;
    if (nowMs - this.#atMs < (isOther ? GAP_MS : NUMBERS_GAP_MS)) return false;
    this.#announced = state;
    this.#atMs = nowMs;
    return true;
  }
}
