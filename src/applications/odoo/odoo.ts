/**
 * READ FIRST. Odoo, behind the interface of all applications.
 *
 *   layout          names of files, shards and ids        hashed-twins, stores-near  another directory than the store
 *   parse           bytes to facts: JSON or a pickle      json-scan, json-facts      JSON, read where it stands
 *   plan            whether a session moves, until when   series                     which Odoo writes what
 *   profile         what a Redis module wants             profiles, camptocamp       the modules that are known
 *   encode-value    a session as the module reads it      session-diff           and back, to compare
 *   c2c-types       camptocamp's JSON with types          stored-values              values as verify sees them
 *   match-profile   keys that are there, to a profile     key-splits, detected-reader, contradiction
 *   file-encoder    a file of a chosen Odoo, for export   encode-file, file-format   its bytes, and which Odoo
 *   fake-session    sessions for a synthetic store
 *   options         what the operator may say              reader-options         and what that means
 *   reader          a module for a run                     reader-check, store-evidence   whether it fits a store
 *
 * This file joins them.
 */

import { MalformedSession, UnsupportedSession } from '../../errors.js';
import { maskSid } from '../../masking.js';
import type { PyValue } from '../../python/values.js';
import { newFacts, resetFacts } from '../../session.js';
import type { FileSystem } from '../../system/file-system.js';
import type { Application, Content, Plan, RedisValue, Shadows, StoreName, StoreRules } from '../application.js';
import { COLLECTED_AFTER_MS, markOf } from './audit-words.js';
import { encodeValue, type ReaderEncoding } from './encode-value.js';
import { HashedTwins } from './hashed-twins.js';
import { isShard, kindOfSid, misplacement, parseName, pathOf } from './layout.js';
import { pickleProtocolOf, SessionParser } from './parse.js';
import { longestLifetimeMs, losesCart, type Policy, planSession } from './plan.js';
import type { SidKind } from './sid-kinds.js';
import { OdooValues } from './stored-values.js';

/** How sessions of Odoo are moved, as plain data that a thread can be started with. */
export interface OdooSettings {
  policy: Policy;
  /** Session ids that the reader accepts. */
  sids: readonly SidKind[];
  reader: ReaderEncoding;
}

/** Odoo saves into a temporary file and renames it (odoo/http.py, FilesystemSessionStore.save). */
export const ODOO_STORE: StoreRules = {
  levels: 1,
  hasShards: true,
  isWrittenInPlace: false,
  refusesOldFiles: false,
  mtimeMeans: 'last save',
  mode: 0o644,
  ownerUid: null,
  lifetimeMs: Number.NaN,
  collectedAfterMs: COLLECTED_AFTER_MS,
};

const VALUE = { hash: null, fields: null, ownField: 0, isVerbatim: false } as const;

/** Odoo, of any series, and the Redis modules for it. */
export class OdooApplication implements Application {
  readonly name = 'odoo';
  readonly title = 'Odoo';
  readonly store = ODOO_STORE;
  readonly reader = VALUE;
  readonly facts = newFacts();
  readonly isGraced = false;
  readonly content: Content = { verdict: 'empty', reason: '', member: '', offset: -1, format: '', facts: 0 };
  readonly scope: readonly string[];
  readonly lifetimesMs: readonly number[];
  readonly longestLifetimeMs: number;
  readonly #parser = new SessionParser();
  #payload: Buffer = Buffer.alloc(0);
  /** The decoded session of a pickle that was inspected last; null for JSON. */
  root: PyValue = null;

  constructor(readonly settings: OdooSettings) {
    const { policy } = settings;
    this.scope = [...policy.databases].sort();
    this.lifetimesMs = [policy.authenticatedLifetimeMs, policy.anonymousLifetimeMs];
    this.longestLifetimeMs = longestLifetimeMs(policy);
  }

  recognise(path: string, name: StoreName): StoreName {
    return parseName(path, name);
  }

  entersDirectory(path: string): boolean {
    return isShard(path);
  }

  /**
   * The flat name goes first: Odoo 16 and later rename a flat file into its shard, and never back (odoo/http.py,
   * FilesystemSessionStore.get). Asked in the other order, a file that moves between the two looks would be missed.
   */
  pathsOf(sid: string): readonly string[] {
    return [pathOf(sid, 'flat'), pathOf(sid, 'hashed')];
  }

  isSid(text: string): boolean {
    return kindOfSid(text) !== null;
  }

  accepts({ kind }: StoreName): boolean {
    return this.settings.sids.includes(kind as SidKind);
  }

  acceptsSid(sid: string): boolean {
    const kind = kindOfSid(sid);
    return kind !== null && this.settings.sids.includes(kind);
  }

  shadowsIn(fileSystem: FileSystem, root: string): Shadows {
    return new HashedTwins(fileSystem, root);
  }

  misplacement(fileSystem: FileSystem, root: string, path: string, mayBeFile: boolean, name: StoreName): string {
    return misplacement(fileSystem, root, path, mayBeFile, name);
  }

  mask(text: string): string {
    return maskSid(text);
  }

  inspect(bytes: Buffer, start: number, end: number): void {
    const { content } = this;
    const payload = bytes.subarray(start, end);
    this.#payload = payload;
    try {
      this.root = this.#parser.parse(payload, payload.length, resetFacts(this.facts));
      content.verdict = 'whole';
    } catch (error) {
      if (!(error instanceof MalformedSession || error instanceof UnsupportedSession)) throw error;
      const isMalformed = error instanceof MalformedSession;
      content.verdict = isMalformed ? 'malformed' : 'unsupported';
      content.reason = error.reason;
      content.offset = error.offset;
      content.member = isMalformed ? '' : error.member;
    }
  }

  plan(mtimeMs: number, nowMs: number): Plan {
    return planSession(this.facts, mtimeMs, this.settings.policy, nowMs);
  }

  markOf({ kind }: StoreName): string {
    return markOf(this.facts, kind);
  }

  losesCart(mtimeMs: number, nowMs: number): boolean {
    return losesCart(this.facts, mtimeMs, this.settings.policy, nowMs);
  }

  encode({ sink }: RedisValue): boolean {
    const protocol = this.facts.format === 'pickle' ? pickleProtocolOf(this.#payload) : -1;
    return encodeValue(this.settings.reader, this.#payload, protocol, this.root, sink);
  }

  isLock(): boolean {
    return false;
  }

  values(): OdooValues {
    return new OdooValues(this.settings);
  }
}
