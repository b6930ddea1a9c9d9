import { bindTemplate, placeholdersFor } from '../applications/bind-template.js';
import { builtInNames, builtInTemplate } from '../applications/built-in.js';
import { OWN_CODE } from '../applications/built-in-names.js';
import type { Template, ValuePart } from '../applications/template.js';
import { templatedApplication } from '../applications/templated.js';
import { EXIT, type ExitCode } from '../errors.js';
import { readTemplateNamed } from '../options/application.js';
import type { SettledOptions } from '../options/settle.js';
import { table } from '../report/text-table.js';

/** Lists the applications; for one of them its parameters, and what to set in the application itself. */
export async function runApps(settled: SettledOptions, [name]: readonly string[]): Promise<ExitCode> {
  const isJson = settled.value('json') === true;
  const templates = name === undefined ? builtInNames().map(builtInTemplate) : [await readTemplateNamed(name)];
  if (isJson) {
    for (const template of templates) process.stdout.write(`${JSON.stringify(recordOf(template))}\n`);
    const counts = { applications: templates.length, exitCode: EXIT.complete };
    process.stdout.write(`${JSON.stringify({ type: 'summary', version: 1, command: 'apps', ...counts })}\n`);
  } else {
    process.stdout.write(`${name === undefined ? renderAll(templates) : renderOne(templates[0] as Template)}\n`);
  }
  return EXIT.complete;
}

function renderAll(templates: readonly Template[]): string {
  const rows = templates.map((template) => [
    template.name,
    template.title,
    template.key,
    describeValue(template.value),
    template.parameters
      .filter((parameter) => parameter.default === null)
      .map((parameter) => `--${parameter.name}`)
      .join(' ') || '-',
  ]);
  const heading = ['--app', 'sessions', 'key', 'value', 'needs'];
  const first = [OWN_CODE.name, OWN_CODE.title, 'see sess2redis profiles', 'as the module has it', '-'];
  return `${table([heading, first, ...rows])}\n\nsess2redis apps NAME shows the options of one, and what to set in the application.`;
}

function renderOne(template: Template): string {
  const { parameters, source, note, key, value } = template;
  const facts = [
    ['key', key],
    ['value', describeValue(value)],
    ['ends', template.expires.rules.join('; else ')],
    ['read at', source],
    ...(note === '' ? [] : [['note', note]]),
  ];
  const options = parameters.map(({ name, default: usual, help }) => [
    `--${name}`,
    usual === null ? 'needed' : usual === '' ? '""' : usual,
    help,
  ]);
  const settings = settingsOf(template).map(([where, lines]) => `${where}:\n${indented(lines)}`);
  return [`${template.title}\n${table(facts)}`, table([['option', 'default', ''], ...options]), ...settings].join(
    '\n\n',
  );
}

/** What to set, with the defaults; a value that the operator has to give stands as its option. */
function settingsOf(template: Template): readonly (readonly [string, string])[] {
  const { settings } = bindTemplate(template, placeholdersFor(template));
  return settings === null ? [] : templatedApplication(settings).reader.settings;
}

function indented(lines: string): string {
  return lines
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

function describeValue(value: ValuePart): string {
  if (value.kind === 'bytes') return value.from === 0 ? "the file's bytes" : `the file's bytes from ${value.from}`;
  if (value.kind === 'text') return value.text;
  if (value.kind === 'convert') return value.converter;
  return `hash: ${value.fields.map(([name]) => name).join(', ')}`;
}

function recordOf(template: Template): object {
  const { name, title, source, note, key, value, parameters } = template;
  return {
    type: 'application',
    ...{ name, title, source, note, key, value: describeValue(value) },
    parameters: parameters.map(({ name: option, type, default: usual, choices, help }) => {
      return { name: option, type, default: usual, choices, help };
    }),
    settings: settingsOf(template).map(([where, lines]) => ({ where, lines })),
  };
}
