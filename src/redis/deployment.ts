/**
 * READ FIRST. This room speaks with the target: one server, a master that Sentinel names, or a Cluster.
 *
 *   endpoint      what --to says                        topology, cluster   which servers there are, who has a key
 *   connections   one connection per server             socket, wire        bytes out and replies in, in order
 *   replies       the protocol, with bounds             reply-guard         how long a reply may take
 *   routing       commands divided among servers        trouble             what an error means, when to try again
 *   batch, steps  a batch of sessions as commands       writer              sends it until each has its outcome
 *   reader, scan  values and keys, some at a time       control             single questions, by ioredis
 *   ownership     which keys are ours (scripts)         ownership-check     asks that for many keys
 *   marker        what a run leaves beside its sessions receipt-keys        what each round trip leaves
 *   info          INFO, parsed                          load-probe          how busy the servers are
 *   memory-model  what sessions take in memory
 *
 * This file puts them together: any target as one place to send commands to.
 */

import { EXIT, OperatorError } from '../errors.js';
import { announcedServer } from './cluster.js';
import { Continuity, type Introduction, Links } from './connections.js';
import { describeHost, type Endpoint, type Server } from './endpoint.js';
import { ErrorReply, type Reply } from './replies.js';
import { type Answer, type Commands, type Exchange, Routing, type ServerCommands } from './routing.js';
import { redirectionOf, type Topology, topologyOf } from './topology.js';
import { lostConnection, type Retry, type Trouble, troubleOf, unsettledCluster } from './trouble.js';
import { LostReplies, type Wire } from './wire.js';

/** A command that is sent on more often than this at a stretch is among nodes that don't agree yet. */
const MOST_REDIRECTIONS = 5;

export interface DeploymentOptions {
  /** Told in a sentence when a server that had our sessions may have come back without some. */
  onReplaced?: (sentence: string) => void;
  /** Nothing is written, so that a replica will do. */
  isReading?: boolean;
}

/**
 * A target of any topology as one place to send commands to. It finds the servers, divides commands among them, follows
 * redirections, and in trouble (a lost connection, a failover, a full memory) waits, looks where the servers are and
 * goes on. A command whose reply was lost is never sent again: its answer is `LOST`.
 *
 * All exchanges share one state: the first trouble makes everyone wait for the same recovery.
 */
export class Deployment implements Exchange {
  readonly #topology: Topology;
  readonly #links: Links;
  readonly #continuity: Continuity;
  #trouble: Trouble | null = null;
  /** Nobody looked yet where the servers are, or a node said that a slot is elsewhere. */
  #isStale = true;
  #recovery: Promise<void> | null = null;

  constructor(
    readonly endpoint: Endpoint,
    readonly retry: Retry,
    { onReplaced = () => {}, isReading = false }: DeploymentOptions = {},
  ) {
    this.#topology = topologyOf(endpoint);
    this.#continuity = new Continuity(onReplaced);
    const introduce: Introduction = (server, runId) =>
      this.#continuity.met(this.#topology.placeOf(server), server, runId);
    this.#links = new Links(introduce, isReading);
  }

  async exchange(commands: Commands, answers: Answer[]): Promise<void> {
    const routing = new Routing(commands, answers);
    for (let rounds = 0; routing.isOpen; rounds++) {
      await this.#ready();
      const parts = routing.divide(this.#topology);
      if (parts === null) this.#hinder(unsettledCluster('the cluster has no server for some slots'));
      else await Promise.all(parts.map((part) => this.#carry(part, routing)));
      routing.sweep();
      if (routing.isOpen && rounds >= MOST_REDIRECTIONS) {
        this.#hinder(unsettledCluster('the nodes of the cluster do not agree on who has a slot'));
      }
    }
  }

  /** Ends every wait with this error, and waits no longer than some seconds for replies that are due. */
  interrupt(error: OperatorError): void {
    this.retry.interrupt(error);
    this.#links.hurry();
  }

  close(): void {
    this.#links.close();
  }

  /**
   * Takes some commands to their server, and their replies to where they are waited for. Whatever gets no answer stays
   * open.
   */
  async #carry(part: ServerCommands, routing: Routing): Promise<void> {
    const { server, indices, isAsking } = part;
    const wire = this.#links.held(server) ?? (await this.#connect(server));
    if (wire === null) return;
    const perCommand = isAsking ? 2 : 1;
    let replies: Reply[];
    try {
      replies = await wire.request(routing.bytesOf(part), indices.length * perCommand);
    } catch (error) {
      if (!(error instanceof LostReplies)) throw error;
      this.#hinder(lostConnection(error), server);
      if (!error.wasSent) return;
      replies = error.replies;
      routing.lose(part, replies.length);
      // What waiting can't mend, such as an answer without end.
      if (error.exitCode !== EXIT.temporary) throw error;
    }
    let isAnswered = false;
    for (let at = 0; at < indices.length; at++) {
      const index = indices[at] as number;
      const reply = replies[at * perCommand + perCommand - 1];
      if (reply === undefined) break;
      if (reply instanceof ErrorReply && this.#isPostponed(reply.text, index, part, routing)) continue;
      routing.answer(index, reply);
      isAnswered = true;
    }
    if (isAnswered) this.retry.success();
  }

  /** Null where the server can't be reached for now. */
  async #connect(server: Server): Promise<Wire | null> {
    try {
      return await this.retry.orInterrupted(this.#links.to(server));
    } catch (error) {
      this.#hinder(lostConnection(passing(error)), server);
      return null;
    }
  }

  /** Whether a command has to be sent again, later or to another server: it was not executed. */
  #isPostponed(reply: string, index: number, { server }: ServerCommands, routing: Routing): boolean {
    const redirection = this.#topology.isSingle ? null : redirectionOf(reply, server);
    if (redirection !== null) {
      const { slot, host, isOnce } = redirection;
      const named = announcedServer(this.endpoint, host, `cluster node ${describeHost(server)}`);
      if (isOnce) routing.ask(index, named);
      else {
        this.#topology.moved(slot, named);
        this.#isStale = true;
      }
      return true;
    }
    const trouble = troubleOf(reply);
    if (trouble !== null) this.#hinder(trouble, server);
    return trouble !== null;
  }

  #hinder(trouble: Trouble, server?: Server): void {
    this.#trouble ??= trouble;
    if (trouble.dropsLink && server !== undefined) {
      this.#links.drop(server);
      this.#continuity.broke(this.#topology.placeOf(server), server);
    }
  }

  /** Resolves when commands may be sent. */
  async #ready(): Promise<void> {
    while (this.#trouble !== null || this.#isStale) {
      this.#recovery ??= this.#recover().finally(() => {
        this.#recovery = null;
      });
      await this.#recovery;
    }
  }

  async #recover(): Promise<void> {
    const trouble = this.#trouble;
    this.#trouble = null;
    if (trouble !== null) await this.retry.pause(trouble);
    try {
      await this.retry.orInterrupted(this.#topology.find(this.#links.signal));
    } catch (error) {
      this.#trouble = lostConnection(passing(error));
      return;
    }
    this.#isStale = false;
    const { servers } = this.#topology;
    this.#links.keepOnly(servers);
    this.#continuity.remaining(servers.map((server) => this.#topology.placeOf(server)));
  }
}

/**
 * The error, if waiting may help.
 * @throws {unknown} any other
 */
function passing(error: unknown): OperatorError {
  if (error instanceof OperatorError && error.exitCode === EXIT.temporary) return error;
  throw error;
}
