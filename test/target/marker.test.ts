import { expect, it } from 'vitest';
import { OperatorError } from '../../src/errors.js';
import { readMarkers, writeMarkers } from '../../src/target/marker.js';
import { ScriptedServer } from './scripted-server.js';

const MARKER = { run: 'fake', pass: 1, stage: 'complete', atMs: 1 } as const;

it.each<[what: string, work: (server: ScriptedServer) => Promise<unknown>]>([
  ['reads', (server) => readMarkers(server.endpoint, ['fake'])],
  ['writes', (server) => writeMarkers(server.endpoint, ['fake'], MARKER, Date.now() + 60_000)],
])('no connection stays open where one that %s the marker breaks, so that the process can end', async (_, work) => {
  let connections = 0;
  // It takes the database of each connection, and hangs up at the first question.
  const server = await ScriptedServer.start((socket, received) => {
    if (/SELECT|PING/i.test(received.toString())) socket.write('+OK\r\n');
    else socket.destroy();
  });
  server.server.on('connection', () => connections++);
  await expect(work(server)).rejects.toThrow(OperatorError);
  expect(connections).toBeGreaterThan(1);
  // Resolves when the last of them is gone.
  await server.stop();
});
