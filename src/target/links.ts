import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { describeEndpoint, describeHost, type Server } from './endpoint.js';
import { encodeCommand, Wire } from './wire.js';

/** Told when a server was connected to, with what tells one start of it from the next; null where it does not say. */
export type Introduction = (server: Server, runId: string | null) => void;

/** The connections to a target's servers, one each, made when they are first needed. */
export class Links {
  readonly #open = new Map<string, Wire>();
  readonly #opening = new Map<string, Promise<Wire>>();
  readonly #closing = new AbortController();
  #isHurried = false;

  /** @param takesReplicas whether a server that takes no writes will do */
  constructor(
    readonly introduce: Introduction,
    readonly takesReplicas: boolean,
  ) {}

  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** The connection to a server, if it is open. */
  held(server: Server): Wire | null {
    const wire = this.#open.get(nameOf(server));
    return wire?.isOpen === true ? wire : null;
  }

  /** The open connection to a server, or a new one. @throws {OperatorError} also for a server that takes no writes */
  async to(server: Server): Promise<Wire> {
    const held = this.held(server);
    if (held !== null) return held;
    const name = nameOf(server);
    let opening = this.#opening.get(name);
    if (opening === undefined) {
      opening = this.#connect(server).finally(() => this.#opening.delete(name));
      this.#opening.set(name, opening);
    }
    return opening;
  }

  drop(server: Server): void {
    this.#open.get(nameOf(server))?.close();
    this.#open.delete(nameOf(server));
  }

  /** Closes the connections to all other servers. */
  keepOnly(servers: readonly Server[]): void {
    const names = servers.map(nameOf);
    for (const [name, wire] of this.#open) {
      if (names.includes(name)) continue;
      this.#open.delete(name);
      wire.close();
    }
  }

  /** Waits for no reply longer than some seconds from now on. */
  hurry(): void {
    this.#isHurried = true;
    for (const wire of this.#open.values()) wire.hurry();
  }

  close(): void {
    this.#closing.abort();
    this.keepOnly([]);
  }

  async #connect(server: Server): Promise<Wire> {
    const wire = await Wire.connect(server, { signal: this.signal });
    try {
      if (this.#isHurried) wire.hurry();
      const questions = [['ROLE'], ['INFO', 'server']];
      // Reading leaves no trace on what an eviction policy goes by (7.2); an older server says no, which changes nothing.
      if (this.takesReplicas) questions.push(['CLIENT', 'NO-TOUCH', 'ON']);
      const [role, info] = await wire.request(Buffer.concat(questions.map(encodeCommand)), questions.length);
      // A user may lack the right to either question.
      if (!this.takesReplicas && Array.isArray(role) && String(role[0]) !== 'master')
        throw notMaster(server, String(role[0]));
      const runId = info instanceof Buffer ? (/^run_id:(\w+)/m.exec(info.toString())?.[1] ?? null) : null;
      this.introduce(server, runId);
      this.#open.set(nameOf(server), wire);
      return wire;
    } catch (error) {
      wire.close();
      throw error;
    }
  }
}

function nameOf(server: Server): string {
  return describeHost(server);
}

function notMaster(server: Server, role: string): OperatorError {
  const what = role === 'slave' ? 'a read-only replica' : `a ${role}`;
  return new OperatorError(
    EXIT.temporary,
    `${describeEndpoint(server)} has become ${what}: name its master and run again`,
  );
}
