/** Children of the bench: each in its own process group, so that a pipeline can be ended as a whole, and timed. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { whenLeaving } from './leaving.mjs';

const SAMPLE_EVERY_MS = 20;
const MAX_TAIL = 16_000;

/** Starts a child that does not outlive the bench. Its own group also keeps a terminal's Ctrl-C for us to handle. */
export function start(command, args, options) {
  const child = spawn(command, args, { detached: true, ...options });
  if (child.pid === undefined) return child;
  const forget = whenLeaving(() => process.kill(-child.pid, 'SIGKILL'));
  child.once('exit', forget);
  return child;
}

/**
 * Runs a command to its end: wall seconds from spawn to exit, what it printed, and its peak resident set.
 * The peak is the kernel's own high-water mark, read until the process is gone, so only growth in the very last
 * milliseconds can be missed.
 */
export async function timed(command, args, { env = process.env, stdin = 'ignore', expectedCode = 0 } = {}) {
  const started = performance.now();
  const child = start(command, args, { env, stdio: [stdin, 'pipe', 'pipe'] });
  let peakRssBytes = 0;
  const sampler = setInterval(() => {
    peakRssBytes = highWaterMark(child.pid) ?? peakRssBytes;
  }, SAMPLE_EVERY_MS);
  const stdout = tailOf(child.stdout);
  const stderr = tailOf(child.stderr);
  let seconds = 0;
  child.once('exit', () => {
    seconds = (performance.now() - started) / 1000;
  });
  try {
    const [code, signal] = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (...ending) => resolve(ending));
    });
    const result = { seconds, peakRssBytes, stdout: stdout.text(), stderr: stderr.text() };
    if (code === expectedCode) return result;
    const said = `${result.stdout}\n${result.stderr}`.trim();
    throw new Error(`${[command, ...args].join(' ')}\nended with ${signal ?? `exit code ${code}`}:\n${said}`);
  } finally {
    clearInterval(sampler);
  }
}

function highWaterMark(pid) {
  try {
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kibibytes && Number(kibibytes) * 1024;
  } catch {
    return undefined; // between its exit and our hearing of it
  }
}

/** Only the end of the output matters (a summary, an error), and progress lines must not pile up in our memory. */
function tailOf(stream) {
  let tail = '';
  stream.setEncoding('utf8');
  stream.on('data', (text) => {
    tail = (tail + text).slice(-MAX_TAIL);
  });
  return { text: () => tail.trimEnd() };
}
