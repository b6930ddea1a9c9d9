import type { Host, Server } from './endpoint.js';
import { SLOT_COUNT } from './slots.js';

/** A node's word on who takes a command: for good, or `once` while the slot is being moved (ASK). */
export interface Redirection {
  slot: number;
  host: Host;
  isOnce: boolean;
}

/** Reads `MOVED slot host:port` and `ASK slot host:port`, said by `node`; null for other error replies. */
export function redirectionOf(reply: string, node: Server): Redirection | null {
  const match = /^(MOVED|ASK) (\d{1,5}) ([\w.:[\]%?-]*):(\d{1,5})$/.exec(reply);
  if (match === null) return null;
  const [, word, slot, address, port] = match;
  // Without an address the other node is reached as this one was.
  const host = { address: address === '' || address === '?' ? node.address : (address as string), port: Number(port) };
  if (Number(slot) >= SLOT_COUNT) return null;
  return { slot: Number(slot), host, isOnce: word === 'ASK' };
}
