import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { BY_SIGNAL, EXIT, type ExitCode, Faults } from '../../src/errors.js';
import { readConfig } from '../../src/options/config-file.js';
import { optionsOfLine, type RawOptions } from '../support/options.js';

interface Rule {
  action: string;
  onExitCodes?: { containerName: string; values: number[] };
}

interface Container {
  name: string;
  image: string;
  command: string[];
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
  data?: Record<string, string>;
  spec: JobSpec & { concurrencyPolicy?: string; suspend?: boolean; jobTemplate?: { spec: JobSpec } };
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

const work = mkdtempSync(join(tmpdir(), 'sess2redis-kubernetes-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

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
    // Codes of verify and of --fail-if-empty, which these jobs don't use; a signal's are the node's doing; that of
    // rejects never leaves the container.
    const ofVerify = [EXIT.different, EXIT.inconclusive, EXIT.nothing];
    const others: ExitCode[] = [EXIT.complete, EXIT.rejects, EXIT.temporary, ...ofVerify, ...BY_SIGNAL];
    const known = Object.values(EXIT).filter((code) => !others.includes(code));
    expect(final.sort((a, b) => a - b)).toEqual(known.sort((a, b) => a - b));
    for (const { onExitCodes } of job.podFailurePolicy.rules) {
      if (onExitCodes !== undefined) expect(onExitCodes.containerName).toBe(container.name);
    }
  });

  it.each([
    ['exit 0', 0],
    ['exit 3', 0],
    ['exit 5', 5],
    ['exit 143', 143],
    ["trap 'exit 143' TERM; echo ready; while :; do sleep 0.1; done", 143],
    ["trap 'sleep 0.2; exit 3' TERM; echo ready; while :; do sleep 0.1; done", 0],
  ])('makes a success of rejects alone, and hands SIGTERM on: %s', async (program, code) => {
    const path = join(work, 'sess2redis');
    writeFileSync(path, `#!/bin/sh\necho "$@"\n${program}\n`);
    chmodSync(path, 0o755);
    const [shell, ...words] = [...container.command, 'a word', 'another'] as string[];
    const child = spawn(shell as string, words, {
      env: { PATH: `${work}:${process.env.PATH}` },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    let said = '';
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString();
      if (said.includes('ready')) child.kill('SIGTERM');
    });
    expect(await ended).toEqual([code, null]);
    expect(said).toMatch(/^a word another\n/);
  });

  it('runs the image of this version', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(container.image).toMatch(new RegExp(`/sess2redis:${version}$`));
    expect(container.command.at(-1)).toBe('sess2redis');
  });

  it('has arguments that the program takes', () => {
    const raw: RawOptions = { to: 'redis://redis:6379/0' };
    for (const word of container.args.slice(2)) {
      const [, name, value] = /^--([\w-]+)(?:=(.*))?$/.exec(word.replaceAll('$(JOB_COMPLETION_INDEX)', '0')) ?? [];
      if (name !== 'password-file' && name !== 'config') Object.assign(raw, { [name as string]: value ?? true });
    }
    expect(() => optionsOfLine(raw)).not.toThrow();
  });
});

describe('the examples for Kubernetes', () => {
  it('have a configuration with user and prefix, and without a fault for the commands that use it', () => {
    const text = manifests('sync-cronjob.yaml').find(({ kind }) => kind === 'ConfigMap')?.data?.[
      'config.yaml'
    ] as string;
    for (const command of ['sync', 'migrate'] as const) {
      const faults = new Faults();
      const found = readConfig('config.yaml', text, command, faults);
      expect(() => faults.throwIfAny()).not.toThrow();
      expect([...found.keys()]).toEqual(expect.arrayContaining(['to', 'user', 'profile', 'prefix']));
    }
  });

  it('can be suspended at the switch', () => {
    const cron = manifests('sync-cronjob.yaml').find(({ kind }) => kind === 'CronJob');
    expect(cron?.spec.suspend).toBe(false);
  });

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
