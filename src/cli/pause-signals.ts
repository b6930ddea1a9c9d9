import type { PauseSwitch } from '../governor/pause-switch.js';

/**
 * From now on SIGUSR1 pauses by `pauses` and SIGUSR2 lets the run go on, to the end of the process: given back, the one
 * would open Node's debugger and the other end the process. What keeps the pause file from being seen is said as well.
 */
export function pauseSignals(pauses: PauseSwitch, say: (text: string) => void): void {
  pauses.onBlind = (why) => say(`warning: ${why}`);
  process.on('SIGUSR1', () => {
    pauses.pause('SIGUSR1');
    say('paused by SIGUSR1: what is under way is finished, SIGUSR2 lets the run go on');
  });
  process.on('SIGUSR2', () => {
    pauses.resume();
    const rest = pauses.pausedBy() === '' ? '' : `, but still paused: ${pauses.pausedBy()}`;
    say(`resumed by SIGUSR2${rest}`);
  });
}
