import type { Cell } from '../lane/census.js';
import type { Statistics } from '../lane/statistics.js';
import { densestWindow } from '../lane/times.js';
import { formatCount } from '../quantities.js';

/** Below so many sessions, mtimes that lie together mean nothing. */
const ENOUGH_SESSIONS = 200;
/** Minutes that a restore or a copy without `-p` plausibly takes for a large store. */
const RESTORE_MINUTES = 10;

const NONE = { misplaced: 0, withheld: 0 };

/**
 * What the operator should know although no single session was wrong. @param notRead sessions of the store that this pass
 * took for unchanged: those that it read are then no picture of the store
 */
export function warningsFrom(
  statistics: Statistics,
  { misplaced, withheld }: typeof NONE = NONE,
  notRead = 0,
): string[] {
  const warnings = misplacedWarnings(misplaced);
  if (withheld > 0) {
    warnings.push(
      `${formatCount(withheld)} changed sessions were kept back: their copies are gone before their time, logged out in Redis or ` +
        'evicted; if Odoo runs on Redis, say so by sync --cutover-done; if it does not, --repair brings them back',
    );
  }
  const together = densestWindow(statistics.ages, RESTORE_MINUTES);
  const sessions = together.total + notRead;
  if (together.total >= ENOUGH_SESSIONS && together.count > sessions / 2) {
    const share = Math.round((together.count / sessions) * 100);
    warnings.push(
      `${share} % of the sessions were last saved within the same ${RESTORE_MINUTES} minutes: if the directory was restored or ` +
        'copied without its times (rsync -t, cp -p, tar), these expiries are wrong and all end together',
    );
  }
  if (statistics.lostCarts > 0) {
    warnings.push(
      `${formatCount(statistics.lostCarts)} visitors with a cart stay behind because the reader gives anonymous sessions less ` +
        'time than the files have: --anonymous-lifetime 7d keeps them',
    );
  }
  const moving = statistics.census.cells.filter((cell) => cell.moving > 0);
  const countOf = (cells: readonly Cell[]) => cells.reduce((sum, cell) => sum + cell.moving, 0);
  const short = countOf(moving.filter(({ sids }) => sids === 'hex40'));
  const all = countOf(moving);
  if (short > 0 && short < all) {
    const longer = moving.some(({ sids }) => sids === 'urlsafe86') ? '84,86' : '84';
    warnings.push(
      `the store holds 40-character ids beside longer ones (${formatCount(short)} of ${formatCount(all)} that move, ` +
        `${Math.round((short / all) * 100)} %): Odoo 18 and later never accept the short ones, and older ones never the long; ` +
        `if no older Odoo uses this store, --sids ${longer} leaves them behind`,
    );
  }
  return warnings;
}

/** That so many foreign entries are sessions in the wrong place. */
export function misplacedWarnings(misplaced: number): string[] {
  if (misplaced === 0) return [];
  const are = misplaced === 1 ? 'entry is' : 'entries are';
  return [
    `${formatCount(misplaced)} ${are} foreign, but named as a session or leading to some where Odoo has no place for them: ` +
      'nothing of them was taken, so look whether they are logins and put them in their place',
  ];
}
