import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

interface Node {
  [key: string]: unknown;
  properties?: Record<string, Node>;
}

const PATH = new URL('../../schema/events.schema.json', import.meta.url);

/** The schema that is published: what it doesn't name may come all the same. */
export function publishedSchema(): Node {
  return JSON.parse(readFileSync(PATH, 'utf8')) as Node;
}

/** The same, but what it doesn't name is a fault: so that nothing is printed that is not written down. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  if (copy.properties !== undefined) copy.additionalProperties ??= false;
  return copy;
}

/** Judges lines of `--json`. */
export class EventJudge {
  readonly #ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false });
  readonly #validate: ValidateFunction;
  /** By event, to name what is wrong with a line by what it was meant to be. */
  readonly #each = new Map<string, ValidateFunction>();

  constructor() {
    const schema = closed(publishedSchema()) as Node & { $defs: Record<string, Node> };
    this.#validate = this.#ajv.compile(schema);
    for (const name of Object.keys(schema.$defs)) {
      this.#each.set(name, this.#ajv.compile({ $ref: `#/$defs/${name}`, $defs: schema.$defs }));
    }
  }

  /** Empty for a line that is as the schema has it. */
  faultsOf(line: Record<string, unknown>): string[] {
    if (this.#validate(line)) return [];
    const attempts = [...this.#each].map(([name, validate]) => {
      validate(line);
      const errors = validate.errors ?? [];
      const isOther = errors.some(({ keyword, instancePath }) => keyword === 'const' && instancePath === '/type');
      const texts = errors.map(({ instancePath, message, params }) => {
        return `${instancePath} ${message} ${JSON.stringify(params)}`;
      });
      return { isOther, fault: `${name}: ${[...new Set(texts)].join('; ')}`, count: errors.length };
    });
    const [nearest] = attempts.filter(({ isOther }) => !isOther).sort((a, b) => a.count - b.count);
    return [`${JSON.stringify(line)}: ${nearest?.fault ?? 'no event has this type'}`];
  }
}
