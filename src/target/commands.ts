import { ACTION, type WriteBatch } from './batch.js';
import { DELETE_SCRIPT, UPDATE_SCRIPT } from './scripts/owned.js';

/** `GET key` */
export function getCommand(key: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`*2\r\n$3\r\nGET\r\n$${key.length}\r\n`), key, CRLF]);
}

/** `SET key value NX PXAT expiry` for a session of the batch. */
export function createCommand(batch: WriteBatch, index: number): Buffer {
  return setCommand(batch, index, '*6', '$2\r\nNX\r\n');
}

/** `SET key value PXAT expiry` for a session of the batch. */
export function overwriteCommand(batch: WriteBatch, index: number): Buffer {
  return setCommand(batch, index, '*5', '');
}

/** The batch's `EVALSHA` command as an `EVAL` with the script's text in it. */
export function wholeScript(batch: WriteBatch, index: number): Buffer {
  const { text, sha } = batch.action[index] === ACTION.update ? UPDATE_SCRIPT : DELETE_SCRIPT;
  const command = batch.command(index);
  const head = command.subarray(0, command.indexOf(CRLF) + CRLF.length);
  const tail = command.subarray(command.indexOf(sha) + sha.length);
  return Buffer.concat([head, Buffer.from(`$4\r\nEVAL\r\n$${Buffer.byteLength(text)}\r\n${text}`), tail]);
}

const CRLF = Buffer.from('\r\n');

function setCommand(batch: WriteBatch, index: number, count: string, condition: string): Buffer {
  const key = batch.key(index);
  const value = batch.value(index);
  const expiry = String(batch.expiryMs[index]);
  return Buffer.concat([
    Buffer.from(`${count}\r\n$3\r\nSET\r\n$${key.length}\r\n`),
    key,
    Buffer.from(`\r\n$${value.length}\r\n`),
    value,
    Buffer.from(`\r\n${condition}$4\r\nPXAT\r\n$${expiry.length}\r\n${expiry}\r\n`),
  ]);
}
