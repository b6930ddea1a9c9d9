import type { OdooSeries } from '../source/odoo-series.js';

const ANONYMOUS_SHARE = 0.3;
const CART_SHARE = 0.1;
const ROTATED_SHARE = 0.01;
const REPORT_CLONE_SHARE = 0.005;

/** What is random about a session. */
export interface Person {
  /** 0 for a visitor without a login. */
  uid: number;
  hasCart: boolean;
  db: string;
  createdSeconds: number;
  /** Set on a session that Odoo 19 replaced by a newer id. */
  deletionSeconds: number | null;
  isReportClone: boolean;
  /** Stands for the HMAC that Odoo puts in: 64 hex characters that verify nothing. */
  token: string;
}

/** A person as a shop in use has them; the sid makes the token, `random` everything else. */
export function randomPerson(
  random: () => number,
  series: OdooSeries,
  databases: readonly string[],
  sid: string,
  savedSeconds: number,
): Person {
  const isLogin = random() >= ANONYMOUS_SHARE;
  const share = random();
  const isRotated = series.name === '19' && isLogin && share < ROTATED_SHARE;
  return {
    uid: isLogin ? 2 + Math.floor(random() * 5000) : 0,
    hasCart: !isLogin && share < CART_SHARE,
    db: databases[Math.floor(random() * databases.length)] as string,
    createdSeconds: savedSeconds - 600,
    deletionSeconds: isRotated ? savedSeconds + 120 : null,
    isReportClone: (series.name === '18' || series.name === '19') && share > 1 - REPORT_CLONE_SHARE,
    token: sid
      .slice(0, 64)
      .toLowerCase()
      .replace(/[^a-f0-9]/g, '0')
      .padEnd(64, '0'),
  };
}
