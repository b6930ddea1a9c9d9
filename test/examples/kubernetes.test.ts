import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { BY_SIGNAL, EXIT, type ExitCode } from '../../src/errors.js';
import { parseOptions } from '../../src/options/run-options.js';
import type { RawOptions } from '../../src/options/table.js';

interface Rule {
  action: string;
  onExitCodes?: { containerName: string; values: number[] };
}

interface Container {
  name: string;
  args: string[];
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
}

interface JobSpec {
  completions?: number;
  completionMode?: string;
  backoffLimitPerIndex?: number;
  podFailurePolicy: { rules: Rule[] };
  template: { spec: { containers: Container[]; volumes: { name: string }[] } };
}

interface Manifest {
  kind: string;
  spec: JobSpec & { concurrencyPolicy?: string; jobTemplate?: { spec: JobSpec } };
}

function manifests(file: string): Manifest[] {
  const text = readFileSync(fileURLToPath(new URL(`../../examples/kubernetes/${file}`, import.meta.url)), 'utf8');
  return parseAllDocuments(text, { uniqueKeys: true }).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  });
}

const FILES = ['sync-cronjob.yaml', 'migrate-indexed-job.yaml'];
const schema = JSON.parse(readFileSync(new URL('kubernetes.schema.json', import.meta.url), 'utf8')) as object;
const validate = new Ajv2020({ allErrors: true }).compile(schema);

function jobOf(file: string): JobSpec {
  const manifest = manifests(file).find(({ kind }) => kind.endsWith('Job')) as Manifest;
  return manifest.spec.jobTemplate?.spec ?? manifest.spec;
}

describe.each(FILES)('%s', (file) => {
  const job = jobOf(file);
  const [container] = job.template.spec.containers as [Container];

  it('has only fields that the Kubernetes API knows, where it knows them', () => {
    for (const manifest of manifests(file)) expect(validate(manifest), JSON.stringify(validate.errors)).toBe(true);
  });

  it('mounts what it declares, the sessions read-only', () => {
    const declared = job.template.spec.volumes.map(({ name }) => name).sort();
    expect(container.volumeMounts.map(({ name }) => name).sort()).toEqual(declared);
    expect(container.volumeMounts.find(({ name }) => name === 'sessions')).toMatchObject({ readOnly: true });
  });

  it('tries again after what is temporary, and after nothing else', () => {
    const final = job.podFailurePolicy.rules.flatMap(({ onExitCodes }) => onExitCodes?.values ?? []);
    // Codes of verify and of --fail-if-empty, which these jobs don't use; a signal's are the node's doing.
    const ofVerify = [EXIT.different, EXIT.inconclusive, EXIT.nothing];
    const others: ExitCode[] = [EXIT.complete, EXIT.temporary, ...ofVerify, ...BY_SIGNAL];
    const known = Object.values(EXIT).filter((code) => !others.includes(code));
    expect(final.sort((a, b) => a - b)).toEqual(known.sort((a, b) => a - b));
    for (const { onExitCodes } of job.podFailurePolicy.rules) {
      if (onExitCodes !== undefined) expect(onExitCodes.containerName).toBe(container.name);
    }
  });

  it('has arguments that the program takes', () => {
    const raw: RawOptions = { to: 'redis://redis:6379/0' };
    for (const word of container.args.slice(2)) {
      const [, name, value] = /^--([\w-]+)(?:=(.*))?$/.exec(word.replaceAll('$(JOB_COMPLETION_INDEX)', '0')) ?? [];
      if (name !== 'password-file' && name !== 'config') Object.assign(raw, { [name as string]: value ?? true });
    }
    expect(() => parseOptions(['/sessions'], raw, {}, true)).not.toThrow();
  });
});

describe('the examples for Kubernetes', () => {
  it('never run two passes over one ledger', () => {
    const cron = manifests('sync-cronjob.yaml').find(({ kind }) => kind === 'CronJob');
    expect(cron?.spec.concurrencyPolicy).toBe('Forbid');
  });

  it('split a load among as many parts as there are pods', () => {
    const { completions, completionMode, backoffLimitPerIndex, template } = jobOf('migrate-indexed-job.yaml');
    expect({ completionMode, hasLimit: backoffLimitPerIndex !== undefined }).toEqual({
      completionMode: 'Indexed',
      hasLimit: true,
    });
    expect(template.spec.containers[0]?.args).toContain(`--shard=$(JOB_COMPLETION_INDEX)/${completions}`);
  });

  it('are judged by a schema that finds a misspelt field, one in the wrong place, and a wrong word', () => {
    const broken = (change: (text: string) => string) =>
      manifests('sync-cronjob.yaml')
        .map((manifest) => JSON.parse(change(JSON.stringify(manifest))) as Manifest)
        .every((manifest) => validate(manifest));
    expect(broken((text) => text)).toBe(true);
    expect(broken((text) => text.replace('"concurrencyPolicy"', '"concurencyPolicy"'))).toBe(false);
    expect(broken((text) => text.replace('"Forbid"', '"forbid"'))).toBe(false);
    expect(broken((text) => text.replace('"schedule":', '"args":[],"schedule":'))).toBe(false);
    expect(broken((text) => text.replace('"restartPolicy":"Never"', '"restartPolicy":"Always"'))).toBe(false);
  });
});
