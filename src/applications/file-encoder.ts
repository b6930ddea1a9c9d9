import type { FileSystem } from '../system/file-system.js';
import type { Content, Plan, StoreName } from './application.js';

/**
 * Makes the files of an application from the values of its Redis reader: `Application.encode` the other way round. An
 * object serves one thread and describes the value that was inspected last.
 */
export interface FileEncoder {
  /** Whose files they are, as a heading shows it: `Odoo 17`, `laravel`. */
  readonly title: string;
  /** The release of the application that will read the files; null where all releases read the same ones. */
  readonly release: string | null;
  /** Why a file can be made of no value; empty where files can be made. */
  readonly noFile: string;
  /** How the name of a file ends that is not finished: the application passes over it. */
  readonly tempSuffix: string;
  /** Whether the application looks for the file of such an id at all: it answers any other with a new session. */
  acceptsSid(sid: string): boolean;
  /** Where the file of an id has to lie, relative to the store. */
  pathOf(sid: string): string;
  /** Where the application finds a session whose file is not at `pathOf`; null for nowhere else. */
  otherPathOf(sid: string): string | null;
  /** Makes what tells which files of the store the application reads, of those that have the name of a session. */
  readsIn(fileSystem: FileSystem, root: string): (name: StoreName) => boolean;
  /**
   * Reads a value as the Redis reader does. Its bytes have to stay until `encode`.
   * @throws {SinkFull}
   */
  inspect(value: Buffer): Content;
  /**
   * The moment of the save with which the file of the value inspected last ends when its key does, epoch milliseconds;
   * it may lie in the future. NaN where the content alone says when the session ends.
   */
  savedMsFor(expiryMs: number, nowMs: number): number;
  /** When the session inspected last ends if it was saved at `savedMs`, or why it stays behind. */
  plan(savedMs: number, nowMs: number): Plan;
  /**
   * The bytes of the file of the value inspected last, until the next `inspect`.
   * @throws {UnsupportedSession} for a type that the file can't hold
   * @throws {MalformedSession} for what the Redis reader itself can't decode
   * @throws {SinkFull}
   */
  encode(): Buffer;
}
