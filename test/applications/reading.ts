import { newStoreName } from '../../src/applications/application.js';
import { bindTemplate } from '../../src/applications/bind-template.js';
import { builtInTemplate } from '../../src/applications/built-in.js';
import { readTemplate } from '../../src/applications/read-template.js';
import type { Template } from '../../src/applications/template.js';
import { type TemplatedApplication, templatedApplication } from '../../src/applications/templated.js';
import { ByteSink } from '../../src/python/sink.js';

/** A template of ours with these values, as a thread gets it. */
export function builtIn(name: string, values: Record<string, string> = {}): TemplatedApplication {
  return bound(builtInTemplate(name), values);
}

/** A template as text. @throws {Error} with its complaints */
export function written(text: string, values: Record<string, string> = {}): TemplatedApplication {
  const { template, complaints } = readTemplate('shop.yaml', text);
  if (template === null) throw new Error(complaints.join('\n'));
  return bound(template, values);
}

function bound(template: Template, values: Record<string, string>): TemplatedApplication {
  const { settings, faults } = bindTemplate(template, values);
  if (settings === null) throw new Error(faults.join('\n'));
  return templatedApplication(structuredClone(settings));
}

/** `session <sid>`, or the verdict and its reason. */
export function nameOf(application: TemplatedApplication, path: string): string {
  const name = newStoreName();
  application.recognise(path, name);
  return [name.verdict, name.sid, name.reason].filter((part) => part !== '').join(' ');
}

export function inspected(application: TemplatedApplication, bytes: Uint8Array): TemplatedApplication['content'] {
  application.inspect(bytes, 0, bytes.length);
  return application.content;
}

/** The value of the file that was inspected last: a text, or a text per field. */
export function encoded(application: TemplatedApplication): string | Record<string, string> {
  const sink = new ByteSink(64, 1 << 24);
  const ends: number[] = [];
  application.encode({ sink, ends });
  const parts = ends.map((end, i) => sink.buffer.toString('latin1', ends[i - 1] ?? 0, end));
  const { fields } = application.reader;
  return fields === null ? parts.join('') : Object.fromEntries(fields.map((field, i) => [field, parts[i] as string]));
}

/** The file that is made of a value, or why there is none. */
export function decoded(application: TemplatedApplication, fields: readonly (string | null)[]): string {
  const sink = new ByteSink(64, 1 << 24);
  const fault = application.decode(
    fields.map((field) => (field === null ? null : Buffer.from(field, 'latin1'))),
    sink,
  );
  return fault === '' ? sink.view().toString('latin1') : `refused: ${fault}`;
}
