import { COLLECTED_AFTER_MS, markOf } from '../../src/applications/odoo/audit-words.js';
import type { SidKind } from '../../src/applications/odoo/sid-kinds.js';
import { type FileWeight, Statistics } from '../../src/counts/statistics.js';
import type { Layout, SessionFacts } from '../../src/session.js';
import { DAY, factsOf, HOUR, NOW } from './samples.js';

/** A session for the statistics; what is left out is a login of `shop` in a hashed store, saved an hour ago. */
export interface SampleSession {
  source?: number;
  layout?: Layout;
  sids?: SidKind;
  facts?: Partial<SessionFacts>;
  size?: number;
  allocatedBytes?: number;
  ageMs?: number;
  /** Moves with a value of so many bytes; stays behind if left out. */
  valueBytes?: number;
  leftMs?: number;
}

export function fileOf(size = 300, ageMs = HOUR, allocatedBytes = 4096): FileWeight {
  return { size, allocatedBytes, mtimeMs: NOW - ageMs };
}

export function addSession(statistics: Statistics, session: SampleSession): void {
  const {
    source = 0,
    layout = 'hashed',
    sids = 'urlsafe84',
    size,
    ageMs,
    allocatedBytes,
    valueBytes,
    leftMs,
  } = session;
  const facts = factsOf({ isAuthenticated: true, db: 'shop', ...session.facts });
  const cell = statistics.parsed(source, layout, sids, markOf(facts, sids), facts, fileOf(size, ageMs, allocatedBytes));
  if (valueBytes !== undefined) statistics.moves(cell, valueBytes, leftMs ?? DAY);
}

export function statisticsOf(sessions: readonly SampleSession[]): Statistics {
  const statistics = new Statistics(NOW, COLLECTED_AFTER_MS);
  for (const session of sessions) addSession(statistics, session);
  return statistics;
}
