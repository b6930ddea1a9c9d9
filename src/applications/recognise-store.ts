import { newStoreName, type StoreName } from './application.js';
import { bindTemplate } from './bind-template.js';
import { FileNames } from './file-names.js';
import { STORE_MARKS } from './store-marks.js';
import { Strength, signStrength } from './store-signs.js';
import type { ParameterValue, Template } from './template.js';

/** One file of a store, as a look at it found it. */
export interface SampledFile {
  /** Relative to the store, one character per byte. */
  path: string;
  ownerUid: number | null;
  /** Its first bytes, some thousand. */
  head: Uint8Array;
}

type Certainty = 'sure' | 'likely' | 'unsure';

/** Files of one application and one owner. */
export interface StoreFinding {
  /** Of a template or of {@link STORE_MARKS}; empty for files that are nobody's. */
  application: string;
  /** Other templates that describe these files as well as the first, such as another reader of the same store. */
  alternatives: readonly string[];
  ownerUid: number | null;
  count: number;
  certainty: Certainty;
  /** By what it was recognised, for people. */
  because: string;
  /** Values of parameters that the names show, as an operator would write them. */
  values: Readonly<Record<string, string>>;
}

/** A template's names with values under which they were tried. */
interface Candidate {
  template: Template;
  values: Record<string, string>;
}

interface Match extends Candidate {
  strength: Strength;
}

/**
 * Tells whose files lie in a directory, from a sample of them. Files of several applications or owners are several
 * findings, the largest first: a shared directory is never guessed to be one thing.
 * @param templates the likeliest first
 */
export function recogniseStore(samples: readonly SampledFile[], templates: readonly Template[]): StoreFinding[] {
  const look = new StoreRecogniser(templates, new Set(samples.map(({ path }) => path)));
  const findings = new Map<string, StoreFinding>();
  // An empty file tells nothing: it is looked at only where no other does.
  const full = samples.filter(({ head }) => head.length > 0);
  const telling = full.some((sample) => (look.at(sample)?.application ?? '') !== '') ? full : samples;
  for (const sample of telling) {
    const finding = look.at(sample);
    if (finding === null) continue;
    const place = JSON.stringify([finding.application, finding.ownerUid, finding.values]);
    const known = findings.get(place);
    if (known === undefined) findings.set(place, finding);
    else {
      known.count++;
      known.alternatives = known.alternatives.filter((name) => finding.alternatives.includes(name));
      // One file with the sign of an application speaks for its neighbours of the same name and owner.
      if (rankOf(finding.certainty) > rankOf(known.certainty))
        Object.assign(known, { certainty: finding.certainty, because: finding.because });
    }
  }
  return [...findings.values()].sort((a, b) => b.count - a.count);
}

const rankOf = (certainty: Certainty) => ['unsure', 'likely', 'sure'].indexOf(certainty);

class StoreRecogniser {
  readonly #names = new Map<string, FileNames>();
  readonly #name: StoreName = newStoreName();

  constructor(
    readonly templates: readonly Template[],
    readonly paths: ReadonlySet<string>,
  ) {}

  /** Null for what belongs to a store and is no session: half-written files, marker files. */
  at(sample: SampledFile): StoreFinding | null {
    const { path, ownerUid, head } = sample;
    const mark = STORE_MARKS.find(({ isOf }) => isOf(path, head));
    const base = { ownerUid, count: 1, values: {}, alternatives: [] };
    if (mark !== undefined) {
      return {
        ...base,
        application: mark.name,
        certainty: 'sure',
        because: `names of ${mark.title}`,
      };
    }
    let isOther = false;
    const matches: Match[] = [];
    for (const candidate of this.templates.flatMap((template) => candidatesFor(template, path))) {
      this.#namesOf(candidate).recognise(path, this.#name);
      const { verdict } = this.#name;
      if (verdict === 'temp-file' || verdict === 'ignored') isOther = true;
      if (verdict !== 'session' && verdict !== 'unsupported') continue;
      const strength = signStrength(candidate.template, head, this.paths);
      if (strength !== Strength.none) matches.push({ ...candidate, strength });
    }
    if (matches.length === 0) {
      if (isOther) return null;
      return {
        ...base,
        application: '',
        certainty: 'sure',
        because: 'no session of a known application',
      };
    }
    return { ...base, ...chosen(matches) };
  }

  #namesOf({ template, values }: Candidate): FileNames {
    const place = JSON.stringify([template.name, values]);
    const known = this.#names.get(place);
    if (known !== undefined) return known;
    const made = new FileNames(template.file, template.refuse, trialValues(template, values));
    this.#names.set(place, made);
    return made;
  }
}

function chosen(matches: readonly Match[]) {
  const best = Math.max(...matches.map(({ strength }) => strength));
  const [first, ...others] = matches.filter(({ strength }) => strength === best) as [Match, ...Match[]];
  const alternatives = [...new Set(others.map(({ template }) => template.name))].filter(
    (name) => name !== first.template.name,
  );
  const rivals = others.filter(({ template }) => !isSameStore(template, first.template));
  const certainty: Certainty =
    rivals.length > 0 || best === Strength.name ? 'unsure' : best === Strength.sign ? 'sure' : 'likely';
  return {
    application: first.template.name,
    alternatives,
    values: first.values,
    certainty,
    because: BECAUSE[best as Strength],
  };
}

const BECAUSE: Readonly<Record<Strength, string>> = {
  [Strength.none]: '',
  [Strength.name]: 'names of this form, without the signs that its sessions have',
  [Strength.format]: 'names of this form and the format of the content',
  [Strength.sign]: 'names of this form and members or bytes that only it writes',
};

/** Whether two templates are readers of one file store. */
function isSameStore(one: Template, other: Template): boolean {
  return one.file.name === other.file.name && JSON.stringify(one.check) === JSON.stringify(other.check);
}

/**
 * The template with its defaults, with as many levels as the path has, and with what may be a cookie's name before the
 * id.
 */
function candidatesFor(template: Template, path: string): Candidate[] {
  const values: Record<string, string> = {};
  const depth = path.split('/').length - 1;
  if (template.file.directories?.levels === '{levels}' && depth > 0) values.levels = String(depth);
  const candidates: Candidate[] = [{ template, values }];
  const cookie = template.parameters.find(({ name }) => name === 'cookie-name');
  const length = /\{cookie-name\}\{sid:[^}]*:(\d+)\}/.exec(template.file.name)?.[1];
  const before = path.slice(path.lastIndexOf('/') + 1, length === undefined ? 0 : -Number(length));
  if (cookie !== undefined && before !== '' && before !== cookie.default) {
    candidates.push({ template, values: { ...values, 'cookie-name': before } });
  }
  return candidates;
}

/** Values to try names with: what has to be given decides keys, not names. */
function trialValues(
  template: Template,
  values: Readonly<Record<string, string>>,
): Readonly<Record<string, ParameterValue>> {
  const given = Object.fromEntries(
    template.parameters
      .filter((parameter) => parameter.default === null)
      .map(({ name, type, choices }) => {
        return [name, type === 'duration' ? '1s' : type === 'count' ? '0' : (choices[0] ?? '')];
      }),
  );
  return bindTemplate(template, { ...given, ...values }).settings?.values ?? {};
}
