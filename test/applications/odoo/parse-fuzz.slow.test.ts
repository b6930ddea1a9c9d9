import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeValue } from '../../../src/applications/odoo/encode-value.js';
import { pickleProtocolOf, SessionParser } from '../../../src/applications/odoo/parse.js';
import { randomFrom } from '../../../src/applications/seeded-random.js';
import { MalformedSession, UnsupportedSession } from '../../../src/errors.js';
import { ByteSink, mostEncoded, SinkFull } from '../../../src/python/sink.js';
import type { PyValue } from '../../../src/python/values.js';
import { newFacts, resetFacts } from '../../../src/session.js';
import { PICKLE_FIXTURES } from '../../support/pickle-fixtures.js';
import { hasPython } from '../../support/python-oracle.js';
import { WorkMeter } from '../../support/work-meter.js';

/** How many, and from which number on random ones follow: `FUZZ_INPUTS=200000 FUZZ_SEED=7 npm run test:slow`. */
const INPUTS = Number(process.env.FUZZ_INPUTS ?? 6_000);
const SEED = Number(process.env.FUZZ_SEED ?? 13);

/** Inputs between two looks at the coverage. */
const BATCH = 64;
const LONGEST = 2048;
/** Steps for an input of a few bytes, and for each byte more: see parse-work.test.ts. */
const FREE_STEPS = 1_500_000;
const STEPS_PER_BYTE = 400;

const JSON_SEEDS = [
  '{"uid": 7, "db": "prod", "login": "a\\u00e9\\ud800", "context": {"lang": "en_US", "uid": 7}, "expiration": 3600}',
  '{"a": [1, -0, 1.5, 1e5, NaN, Infinity, -Infinity, true, false, null], "sale_order_id": 4, "": "", "uid": null}',
  '{"_trace": [{"ip": "::1", "t": 1700000000.25}], "create_time": 1.7e9, "deletion_time": 2, "a": {"b": {"c": []}}}',
].map((text) => Buffer.from(text, 'latin1'));

const TOKENS = [
  ...[
    '(',
    '.',
    '0',
    '2',
    '}',
    ']',
    ')',
    'e',
    'u',
    's',
    'a',
    't',
    'l',
    'd',
    'b',
    'R',
    'o',
    'N',
    'K\x01',
    'q\x01',
    'h\x01',
  ],
  ...[
    '\x81',
    '\x85',
    '\x86',
    '\x87',
    '\x8f',
    '\x90',
    '\x91',
    '\x94',
    'I01\n',
    'I-0\n',
    'L5L\n',
    'F1e5\n',
    "S'a'\n",
    'Va\n',
  ],
  ...[
    'g1\n',
    'p1\n',
    'U\x01a',
    'X\x01\0\0\0a',
    'C\x01a',
    '\x8c\x01a',
    '\x8a\x01\x01',
    'c__builtin__\nset\n',
    'ccollections\nOrderedDict\n',
  ],
  ...[
    'cdatetime\ndatetime\n',
    'c_codecs\nencode\n',
    'U\x06latin1',
    'G\x3f\xf0\0\0\0\0\0\0',
    '{',
    '"',
    ':',
    ',',
    '[',
    '\\u00e9',
    '-',
    'e9',
  ],
].map((text) => Buffer.from(text, 'latin1'));

const READERS = [
  { encoding: 'c2c-json', pickleProtocol: 4, oldestVerbatimProtocol: 0 },
  { encoding: 'pickle', pickleProtocol: 2, oldestVerbatimProtocol: 3 },
] as const;

const meter = new WorkMeter();
const parser = new SessionParser();
const facts = newFacts();
const sink = new ByteSink(1024, 0);

/** Whether the input was read; what it was refused for. @throws what no parser may throw */
function taken(bytes: Buffer): 'read' | MalformedSession | UnsupportedSession {
  let root: PyValue;
  try {
    root = parser.parse(bytes, bytes.length, resetFacts(facts));
  } catch (error) {
    if (error instanceof MalformedSession || error instanceof UnsupportedSession) return error;
    throw error;
  }
  for (const reader of READERS) {
    try {
      sink.length = 0;
      sink.maxBytes = mostEncoded(bytes.length, 2 ** 20);
      encodeValue(reader, bytes, facts.format === 'pickle' ? pickleProtocolOf(bytes) : -1, root, sink);
    } catch (error) {
      const isKnown = error instanceof UnsupportedSession || error instanceof SinkFull;
      if (!isKnown) throw error;
    }
  }
  return 'read';
}

function magnitude(name: string, count: number): string {
  return `${name}*${32 - Math.clz32(count)}`;
}

/** Inputs that reached what none before them had reached, and changes of them. */
class Corpus {
  readonly #random = randomFrom(SEED);
  readonly #seen = new Set<string>();
  readonly inputs: Buffer[];

  constructor() {
    this.inputs = [...PICKLE_FIXTURES.map(({ bytes }) => bytes), ...JSON_SEEDS].filter(
      ({ length }) => length <= LONGEST && length > 0,
    );
  }

  get reached(): number {
    return this.#seen.size;
  }

  next(): Buffer {
    let bytes = this.#pick();
    for (let changes = 1 + this.#below(4); changes > 0; changes--) bytes = this.#changed(bytes);
    return bytes.length === 0 ? Buffer.from('}') : bytes;
  }

  /** The blocks that ran since the last look and never before, by the magnitude of how often they ran. */
  reach(): Set<string> {
    const fresh = new Set<string>();
    meter.see((name, count) => {
      const block = magnitude(name, count);
      if (this.#seen.has(block)) return;
      this.#seen.add(block);
      fresh.add(block);
    });
    return fresh;
  }

  #pick(): Buffer {
    return this.inputs[this.#below(this.inputs.length)] as Buffer;
  }

  #below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  #changed(bytes: Buffer): Buffer {
    const at = this.#below(bytes.length + 1);
    const end = Math.min(bytes.length, at + 1 + this.#below(16));
    const parts = (...all: Uint8Array[]) => Buffer.concat(all).subarray(0, LONGEST);
    switch (this.#below(7)) {
      case 0: {
        const flipped = Buffer.from(bytes);
        if (at < bytes.length) flipped[at] = (flipped[at] as number) ^ (1 << this.#below(8));
        return flipped;
      }
      case 1:
        return parts(bytes.subarray(0, at), bytes.subarray(end));
      case 2:
        return parts(bytes.subarray(0, end), bytes.subarray(at));
      case 3: {
        const other = this.#pick();
        return parts(bytes.subarray(0, at), other.subarray(this.#below(other.length)));
      }
      case 4: {
        const set = Buffer.from(bytes);
        if (at < bytes.length) set[at] = this.#below(256);
        return set;
      }
      default:
        return parts(bytes.subarray(0, at), TOKENS[this.#below(TOKENS.length)] as Buffer, bytes.subarray(at));
    }
  }
}

const PYTHON = `
import json, pickle, resource, sys, datetime, collections, warnings
sys.path.insert(0, ${JSON.stringify(fileURLToPath(new URL('../../fixtures/pickle/', import.meta.url)))})
warnings.simplefilter('ignore')
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (300, 300))
KNOWN = {('builtins', n) for n in 'set frozenset bytearray bytes dict list tuple str int float object complex'.split()}
KNOWN |= {('datetime', n) for n in 'datetime date time timedelta timezone'.split()}
KNOWN |= {('collections', 'OrderedDict'), ('_codecs', 'encode'), ('copyreg', '_reconstructor')}
class Unknown(Exception): pass
class Restricted(pickle.Unpickler):
    def find_class(self, module, name):
        module = {'__builtin__': 'builtins', 'copy_reg': 'copyreg'}.get(module, module)
        if (module, name) not in KNOWN: raise Unknown(module + '.' + name)
        return super().find_class(module, name)
import io
def ask(data):
    try:
        if data[:1] in (b'{', b' ', b'\\n', b'\\r', b'\\t'):
            text = data.decode()
            value = json.loads(text)
        else:
            value = Restricted(io.BytesIO(data), encoding='latin1').load()
        return 'read' if isinstance(value, dict) else 'error'
    except Unknown: return 'class'
    except MemoryError: return 'memory'
    except BaseException: return 'error'
json.dump([ask(bytes.fromhex(line.strip())) for line in sys.stdin], sys.stdout)
`;

/** What CPython says to each: whether it reads a dict. */
function python(inputs: readonly Buffer[]): string[] {
  const input = inputs.map((bytes) => `${bytes.toString('hex')}\n`).join('');
  const { stdout, stderr, status } = spawnSync('python3', ['-B', '-c', PYTHON], {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`python3 failed: ${stderr.slice(-500)}`);
  return JSON.parse(stdout);
}

/**
 * Reasons that are bounds of ours, or that CPython knows nothing of: it calls what we copy, and sets items of lists, which
 * no pickler writes.
 */
const OURS =
  /neither a pickle|for what is no dict|more than|nested|unexpected arguments|calls what|a class|argument|persistent|MultiDict|buffer/;

describe('the parsers, fuzzed by what their inputs reach', { timeout: 1_800_000 }, () => {
  afterAll(() => meter.close());

  it('throw nothing but their own errors, in bounded work, and agree with CPython', () => {
    const corpus = new Corpus();
    for (const input of corpus.inputs) taken(input);
    corpus.reach();
    const seeds = corpus.reached;
    const asked: { input: Buffer; outcome: ReturnType<typeof taken> }[] = [];
    let read = 0;
    for (let done = 0; done < INPUTS; done += BATCH) {
      const batch = Array.from({ length: BATCH }, () => corpus.next());
      for (const input of batch) {
        const outcome = taken(input);
        if (outcome === 'read') read++;
        asked.push({ input, outcome });
      }
      const fresh = corpus.reach();
      if (fresh.size === 0) continue;
      for (const input of batch) {
        taken(input);
        let steps = 0;
        let isFresh = false;
        meter.see((name, count) => {
          steps += count;
          isFresh ||= fresh.has(magnitude(name, count));
        });
        expect(steps, input.toString('hex')).toBeLessThan(FREE_STEPS + input.length * STEPS_PER_BYTE);
        if (isFresh) corpus.inputs.push(input);
      }
    }
    expect(read).toBeGreaterThan(INPUTS / 100);
    expect(corpus.reached).toBeGreaterThan(seeds);
    if (!hasPython) return;
    const differences = new Set<string>();
    for (let at = 0; at < asked.length; at += 20_000) {
      const part = asked.slice(at, at + 20_000);
      const answers = python(part.map(({ input }) => input));
      part.forEach(({ input, outcome }, i) => {
        const answer = answers[i];
        if (answer === 'class' || answer === 'memory' || outcome instanceof UnsupportedSession) return;
        // From a file object, which alone can be kept from calling what it likes, CPython takes ends of frames otherwise
        // than pickle.loads, by which readers go.
        if (input.includes(0x95)) return;
        if (outcome === 'read' ? answer === 'read' : answer === 'error' || OURS.test(outcome.reason)) return;
        const ours = outcome === 'read' ? 'read' : outcome.message;
        differences.add(`${ours}, CPython ${answer}: ${input.toString('hex')}`);
      });
    }
    if (process.env.FUZZ_VERBOSE !== undefined) {
      console.error({
        asked: asked.length,
        read,
        corpus: corpus.inputs.length,
        seeds,
        reached: corpus.reached,
        differences: differences.size,
      });
    }
    expect([...differences].slice(0, 20)).toEqual([]);
  });
});
