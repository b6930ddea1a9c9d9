import { afterEach, describe, expect, it } from 'vitest';
import { EXIT, OperatorError } from '../../src/errors.js';
import { slotOf } from '../../src/redis/cluster.js';
import { Deployment } from '../../src/redis/deployment.js';
import { ErrorReply } from '../../src/redis/replies.js';
import { type Answer, commandsOf, LOST } from '../../src/redis/routing.js';
import { Retry } from '../../src/redis/trouble.js';
import { encodeCommand } from '../../src/redis/wire.js';
import { type NodeScript, ScriptedCluster } from '../support/scripted-cluster.js';
import { ScriptedServer } from '../support/scripted-server.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Ten keys, some for each third of the slots. */
const KEYS = Array.from({ length: 10 }, (_, i) => `key${i}`);
const thirdOf = (key: string) => Math.floor(slotOf(Buffer.from(key)) / (16_384 / 3));

function deploymentOf(endpoint: Deployment['endpoint'], limitMs = 10_000) {
  const waits: string[] = [];
  const replaced: string[] = [];
  const patience = new Retry(limitMs, (trouble) => waits.push(trouble?.reason ?? 'going on'));
  const deployment = new Deployment(endpoint, patience, { onReplaced: (sentence) => replaced.push(sentence) });
  closing.unshift(() => deployment.close());
  return { deployment, waits, replaced };
}

async function ask(deployment: Deployment, keys: readonly string[], command = 'GET'): Promise<Answer[]> {
  const answers: Answer[] = [];
  const commands = keys.map((key) => ({ key: Buffer.from(key), bytes: encodeCommand([command, key]) }));
  await deployment.exchange(commandsOf(commands), answers);
  return answers.map((answer) => (answer instanceof Buffer ? String(answer) : answer)) as Answer[];
}

async function clusterOf(script: NodeScript): Promise<ScriptedCluster> {
  const cluster = await ScriptedCluster.start(3, script);
  closing.push(() => cluster.stop());
  return cluster;
}

/** A status that shows which node gave it and for which key. */
const echo = (words: readonly string[], node: number) => {
  const text = `${words[1]}@${node}`;
  return `$${text.length}\r\n${text}\r\n`;
};

describe('commands to a cluster', () => {
  it('go to the owner of their slot, and are answered in their order', async () => {
    const cluster = await clusterOf(echo);
    const { deployment } = deploymentOf(cluster.endpoint);
    expect(new Set(KEYS.map(thirdOf)).size).toBe(3);
    expect(await ask(deployment, KEYS)).toEqual(KEYS.map((key) => `${key}@${thirdOf(key)}`));
    expect(cluster.slotQuestions).toBeLessThanOrEqual(3);
  });

  it('that have MOVED are sent on, alone, and the slots are looked up again', async () => {
    const moved = KEYS[3] as string;
    const to = (thirdOf(moved) + 1) % 3;
    const cluster: ScriptedCluster = await clusterOf((words, node) => {
      if (words[1] !== moved || node === to) return echo(words, node);
      const slot = slotOf(Buffer.from(moved));
      cluster.ranges.push([slot, slot, to]);
      return `-MOVED ${slot} 127.0.0.1:${cluster.portOf(to)}\r\n`;
    });
    const { deployment, waits } = deploymentOf(cluster.endpoint);
    const answers = await ask(deployment, KEYS);
    expect(answers).toEqual(KEYS.map((key) => `${key}@${key === moved ? to : thirdOf(key)}`));
    expect(cluster.received.flat().length).toBe(KEYS.length + 1);
    const questions = cluster.slotQuestions;
    expect(await ask(deployment, [moved])).toEqual([`${moved}@${to}`]);
    expect([cluster.received.flat().length, cluster.slotQuestions, waits]).toEqual([KEYS.length + 2, questions, []]);
  });

  it('are asked for elsewhere (ASK) once, behind an ASKING, and the owner stays the owner', async () => {
    const asked = KEYS.filter((key) => thirdOf(key) === 0).slice(0, 2);
    const isAsking = [false, false, false];
    const cluster: ScriptedCluster = await clusterOf((words, node) => {
      if (words[0] === 'ASKING') {
        isAsking[node] = true;
        return '+OK\r\n';
      }
      const mayAnswer = !asked.includes(words[1] as string) || (node === 1 && isAsking[1]);
      isAsking[node] = false;
      if (mayAnswer) return echo(words, node);
      return `-ASK ${slotOf(Buffer.from(words[1] as string))} 127.0.0.1:${cluster.portOf(1)}\r\n`;
    });
    const { deployment } = deploymentOf(cluster.endpoint);
    const wanted = KEYS.map((key) => `${key}@${asked.includes(key) ? 1 : thirdOf(key)}`);
    expect(await ask(deployment, KEYS)).toEqual(wanted);
    expect(await ask(deployment, KEYS)).toEqual(wanted);
    for (const key of asked) expect(cluster.received[0]?.filter((command) => command === `GET ${key}`).length).toBe(2);
  });

  it.each(['TRYAGAIN Multiple keys request during rehashing of slot', 'CLUSTERDOWN The cluster is down'])(
    'are sent again, alone, when the cluster is ready for them: %s',
    async (error) => {
      let refusals = 2;
      const cluster = await clusterOf((words, node) =>
        words[1] === KEYS[5] && refusals-- > 0 ? `-${error}\r\n` : echo(words, node),
      );
      const { deployment, waits } = deploymentOf(cluster.endpoint);
      expect(await ask(deployment, KEYS)).toEqual(KEYS.map((key) => `${key}@${thirdOf(key)}`));
      expect(cluster.received.flat().length).toBe(KEYS.length + 2);
      expect(new Set(waits)).toEqual(new Set(['cluster', 'going on']));
    },
  );

  it('wait where a slot has no server, and go on when it gets one', async () => {
    const cluster = await clusterOf(echo);
    const [first] = cluster.ranges.splice(0, 1) as [[number, number, number]];
    const { deployment, waits } = deploymentOf(cluster.endpoint);
    const asking = ask(deployment, KEYS);
    while (!waits.includes('cluster')) await new Promise((resolve) => setTimeout(resolve, 5));
    cluster.ranges.push(first);
    expect(await asking).toEqual(KEYS.map((key) => `${key}@${thirdOf(key)}`));
  });

  it('are given up, with what was answered kept, when nodes send them to and fro for too long', async () => {
    const cluster: ScriptedCluster = await clusterOf((words, node) => {
      if (words[1] !== KEYS[0]) return echo(words, node);
      return `-MOVED ${slotOf(Buffer.from(KEYS[0] as string))} 127.0.0.1:${cluster.portOf((node + 1) % 3)}\r\n`;
    });
    const { deployment } = deploymentOf(cluster.endpoint, 1000);
    const answers: Answer[] = [];
    const commands = KEYS.map((key) => ({ key: Buffer.from(key), bytes: encodeCommand(['GET', key]) }));
    await expect(deployment.exchange(commandsOf(commands), answers)).rejects.toMatchObject({
      exitCode: EXIT.temporary,
    });
    expect(Array.from(answers, String)).toEqual(
      KEYS.map((key, i) => (i === 0 ? 'undefined' : `${key}@${thirdOf(key)}`)),
    );
  });
});

/** A server that answers each command about a key by what `script` says, and introduces itself as `runId`. */
async function serverOf(script: (nth: number, close: (rest: string) => void) => string | null, runIds = ['a']) {
  let nth = 0;
  let connections = 0;
  const server = await ScriptedServer.start((socket, data) => {
    if (data.includes('ROLE')) {
      const runId = runIds[Math.min(connections++, runIds.length - 1)];
      const info = `run_id:${runId}\r\n`;
      socket.write(`*1\r\n$6\r\nmaster\r\n$${info.length}\r\n${info}\r\n`);
      return;
    }
    const count = data.toString().split('*').length - 1;
    for (let i = 0; i < count; i++) {
      const answer = script(nth++, (rest) => socket.end(rest));
      if (answer !== null) socket.write(answer);
    }
  });
  closing.push(() => server.stop());
  return server;
}

describe('commands to a server', () => {
  it('whose replies are lost are answered as lost, and are not sent again', async () => {
    const server = await serverOf((nth, close) => {
      if (nth === 2) close('');
      return nth < 2 || nth > 3 ? `:${nth}\r\n` : null;
    });
    const { deployment, waits } = deploymentOf(server.endpoint);
    expect(await ask(deployment, KEYS.slice(0, 4))).toEqual([0, 1, LOST, LOST]);
    expect(await ask(deployment, ['next'])).toEqual([4]);
    expect(server.text.match(/GET/g)?.length).toBe(5);
    expect(waits).toEqual(['reconnecting', 'going on']);
  });

  it.each(['LOADING', 'OOM', 'MISCONF', 'BUSY', 'NOREPLICAS', 'READONLY', 'MASTERDOWN'])(
    'that it refuses for now (%s) are sent again, and no others',
    async (word) => {
      const server = await serverOf((nth) => (nth === 1 || nth === 3 ? `-${word} for now\r\n` : `:${nth}\r\n`));
      const { deployment } = deploymentOf(server.endpoint);
      expect(await ask(deployment, KEYS.slice(0, 3))).toEqual([0, 4, 2]);
    },
  );

  it.each([
    'OOM command not allowed',
    'ERR Error running script (call to f_12ab): @user_script:20: @user_script: 20: -OOM command not allowed when used',
  ])('are told apart as refused by a full memory, also from inside a script of Redis 6: %s', async (text) => {
    const server = await serverOf((nth) => (nth === 0 ? `-${text}\r\n` : ':1\r\n'));
    const { deployment, waits } = deploymentOf(server.endpoint);
    expect(await ask(deployment, ['key'])).toEqual([1]);
    expect(waits[0]).toBe('memory');
  });

  it.each(['NOPERM no', 'WRONGTYPE no', 'NOSCRIPT no', 'ERR no', 'MOVED 1 127.0.0.1:1'])(
    'that it refuses for good are answered by that: %s',
    async (text) => {
      const server = await serverOf(() => `-${text}\r\n`);
      const { deployment, waits } = deploymentOf(server.endpoint);
      expect(await ask(deployment, ['key'])).toEqual([new ErrorReply(text)]);
      expect(waits).toEqual([]);
    },
  );

  it('end with the reason of an interruption where they wait, and with their answers where they do not', async () => {
    const server = await serverOf((nth) => (nth === 1 ? ':1\r\n' : '-LOADING\r\n'));
    const { deployment, waits } = deploymentOf(server.endpoint);
    const answers: Answer[] = [];
    const commands = KEYS.slice(0, 2).map((key) => ({ key: Buffer.from(key), bytes: encodeCommand(['GET', key]) }));
    const waiting = deployment.exchange(commandsOf(commands), answers);
    while (waits.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    const stop = new OperatorError(EXIT.terminated, 'interrupted');
    deployment.interrupt(stop);
    await expect(waiting).rejects.toBe(stop);
    expect(answers[1]).toBe(1);
  });

  it('are carried out after an interruption where nothing is to be waited for', async () => {
    const server = await serverOf(() => ':1\r\n');
    const { deployment } = deploymentOf(server.endpoint);
    await ask(deployment, ['key']);
    deployment.interrupt(new OperatorError(EXIT.terminated, 'interrupted'));
    expect(await ask(deployment, ['key'])).toEqual([1]);
  });

  it('that go to another start of the server make that known', async () => {
    const lose = (nth: number, close: (rest: string) => void) => {
      if (nth === 1) close('');
      return nth === 1 ? null : ':1\r\n';
    };
    const same = deploymentOf((await serverOf(lose)).endpoint);
    await ask(same.deployment, ['a']);
    await ask(same.deployment, ['a']);
    await ask(same.deployment, ['a']);
    expect(same.replaced).toEqual([]);
    const other = deploymentOf((await serverOf(lose, ['a', 'b'])).endpoint);
    await ask(other.deployment, ['a']);
    await ask(other.deployment, ['a']);
    await ask(other.deployment, ['a']);
    expect(other.replaced).toEqual([
      expect.stringMatching(/^redis:\/\/127\.0\.0\.1:\d+\/0 was restarted or has taken over/),
    ]);
  });
});
