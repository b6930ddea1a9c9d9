/** The samples of a text in Prometheus' format, by metric without the program's prefix. */
export class Samples {
  constructor(readonly all: readonly { name: string; labels: Record<string, string>; value: number }[]) {}

  has(name: string): boolean {
    return this.all.some((sample) => sample.name === name);
  }

  /** The one sample of a metric. */
  value(name: string): number {
    const found = this.all.filter((sample) => sample.name === name);
    if (found.length !== 1) throw new Error(`${name} has ${found.length} samples`);
    return found[0]?.value as number;
  }

  /** Samples of a metric by one of its labels, added up. */
  of(name: string, label: string): Record<string, number> {
    const found: Record<string, number> = {};
    for (const sample of this.all.filter((each) => each.name === name)) {
      const key = sample.labels[label] as string;
      found[key] = (found[key] ?? 0) + sample.value;
    }
    return found;
  }

  sum(name: string): number {
    return this.all.filter((sample) => sample.name === name).reduce((sum, { value }) => sum + value, 0);
  }
}

export function samplesOf(text: string): Samples {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Samples(
    lines.map((line) => {
      const match = /^sess2redis_(\w+)\{(.*)\} (\S+)$/.exec(line);
      if (match === null) throw new Error(`no sample: ${line}`);
      const [, name, labels, value] = match as unknown as [string, string, string, string];
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, text]) => [label, text]);
      return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
    }),
  );
}
