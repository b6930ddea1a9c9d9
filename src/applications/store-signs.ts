import { FORMATS, type FormatName, formatOf, isFormatName } from './formats/formats.js';
import { FoundMembers, KIND, MemberPaths } from './formats/member-paths.js';
import { ContentFault } from './formats/scanner.js';
import type { Template } from './template.js';

/** How much speaks for a template, besides a name that fits. */
export enum Strength {
  /** Its content is of another format, or says the contrary. */
  none = 0,
  /** Its sessions have signs, and this one has none of them. */
  name = 1,
  format = 2,
  sign = 3,
}

/** What the first bytes of a file, and the names beside it, say for a template whose names fit. */
export function signStrength(template: Template, head: Uint8Array, paths: ReadonlySet<string>): Strength {
  const { signs, refuse } = template;
  const at = template.value.kind === 'bytes' ? template.value.from : 0;
  if (refuse.some(({ starts }) => starts !== null && startsWith(head, starts))) return Strength.sign;
  if (head.length === 0) return signs.members.length + signs.starts.length === 0 ? Strength.format : Strength.name;
  const found = new FoundMembers(new MemberPaths(signs.members));
  if (!isReadable(template, head, at, found)) return Strength.none;
  if (signs.names.some((name) => paths.has(name))) return Strength.sign;
  if (signs.starts.some((starts) => startsWith(head, starts))) return Strength.sign;
  if (found.kinds.some((kind) => kind !== KIND.absent)) return Strength.sign;
  const hasSigns = signs.members.length + signs.starts.length + signs.names.length > 0;
  return hasSigns ? Strength.name : Strength.format;
}

/** Whether the head is the beginning of what the template's reader can read; notes the members in it. */
function isReadable(template: Template, head: Uint8Array, start: number, found: FoundMembers): boolean {
  const format = formatOf(templateFormats(template), head, start, head.length);
  if (format === null) return template.file.unpack === 'zlib' && head[start] === 0x78;
  try {
    FORMATS[format].scanner().scan(head, start, head.length, found);
    return true;
  } catch (error) {
    if (!(error instanceof ContentFault)) throw error;
    return error.isTorn;
  }
}

/** The formats that a template takes under any of its settings. */
export function templateFormats({ check, parameters }: Template): FormatName[] {
  const choices = parameters.find(({ name }) => check[0] === `{${name}}`)?.choices ?? check;
  const formats = choices.filter(isFormatName);
  return formats.length > 1 ? formats.filter((name) => name !== 'none') : formats;
}

function startsWith(head: Uint8Array, text: string): boolean {
  const bytes = Buffer.from(text);
  return bytes.equals(head.subarray(0, bytes.length));
}
