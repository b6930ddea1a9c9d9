import { createHash } from 'node:crypto';
import { applicationOf, fileEncoderOf } from '../../src/applications/application-of.js';
import type { FileEncoder } from '../../src/applications/file-encoder.js';
import type { OdooSettings } from '../../src/applications/odoo/odoo.js';
import type { Policy } from '../../src/applications/odoo/plan.js';
import type { LaneSettings } from '../../src/lane/settings.js';
import { AS_SENT } from '../../src/redis/ownership.js';
import { newFacts, type SessionFacts } from '../../src/session.js';

/** A moment on a whole second, and the lifetimes that most readers give. */
export const NOW = Date.UTC(2026, 2, 1, 12);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** Session ids that open nothing; the same number gives the same id. */
export const hex40 = (n: number): string => createHash('sha1').update(`sid ${n}`).digest('hex');
export const urlsafe84 = (n: number): string =>
  createHash('sha512').update(`sid ${n}`).digest().subarray(0, 63).toString('base64url');
export const urlsafe86 = (n: number): string => createHash('sha512').update(`sid ${n}`).digest('base64url');

export const hashed = (sid: string): string => `${sid.slice(0, 2)}/${sid}`;
export const flat = (sid: string): string => `werkzeug_${sid}.sess`;

export function factsOf(known: Partial<SessionFacts> = {}): SessionFacts {
  return { ...newFacts(), ...known };
}

export function policyOf(chosen: Partial<Policy> = {}): Policy {
  return {
    authenticatedLifetimeMs: 7 * DAY,
    anonymousLifetimeMs: 3 * HOUR,
    honoursExpiration: true,
    anonymous: 'keep',
    databases: [],
    maxAgeMs: Number.POSITIVE_INFINITY,
    ...chosen,
  };
}

/** How camptocamp's module reads. */
const READER: OdooSettings['reader'] = { encoding: 'c2c-json', pickleProtocol: 4, oldestVerbatimProtocol: 0 };

/** What a run over Odoo's files is told of them. */
export function odooOf(chosen: Partial<OdooSettings> = {}): OdooSettings {
  return { policy: policyOf(), sids: ['hex40', 'urlsafe84'], reader: READER, ...chosen };
}

/** Odoo, as a thread has it. */
export const ODOO = applicationOf({ odoo: odooOf() });

/** @param odoo of the application, where a test is about it */
export function settingsOf(chosen: Partial<LaneSettings> = {}, odoo: Partial<OdooSettings> = {}): LaneSettings {
  return {
    sources: ['/store'],
    application: { odoo: odooOf(odoo) },
    key: { before: 'session:', after: '' },
    maxFileBytes: 2 ** 20,
    shard: null,
    conflict: 'keep',
    ownership: AS_SENT,
    weighsUnopened: false,
    giveUpAfterMs: 0,
    target: null,
    ledger: null,
    ...chosen,
  };
}

/** What makes the files of one Odoo series. */
export function fileEncoderFor(series: string, odoo: Partial<OdooSettings> = {}): FileEncoder {
  return fileEncoderOf({ odoo: odooOf(odoo) }, series, 2 ** 20) as FileEncoder;
}

/** A session as Odoo 18 writes it, with what a test is about on top. */
export function jsonSession(members: object = {}): string {
  return JSON.stringify({ db: 'shop', uid: 7, login: 'user7@example.com', context: { lang: 'en_US' }, ...members });
}
