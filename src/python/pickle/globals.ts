import { PyBytes, PyDict, PyInstance, PyMultiDict, PySet, PyText, PyTuple, type PyValue } from '../values.js';
import type { Allowance, Cursor } from './cursor.js';
import { type DateClass, dateFromState, deltaOf, NamedZone, ZONE_CLASSES, zoneInfoOf, zoneOf } from './dates.js';
import { PyClass, reconstructed } from './unknown-classes.js';

/**
 * Fills a mapping as its Python class does from a dict or a list of pairs: false where `source` is neither. Lists of
 * pairs come from Python 2's OrderedDict and werkzeug's immutable classes, a dict of lists is MultiDict's state.
 */
function fill(target: PyDict, source: PyValue, allowance: Allowance): boolean {
  if (source instanceof PyDict) {
    allowance.spend(source.keys.length);
    for (let i = 0; i < source.keys.length; i++) {
      const key = source.keys[i] as PyValue;
      if (!allowance.takesKey(key)) return false;
      if (target instanceof PyMultiDict) fillList(target, key, listAt(source, i), allowance);
      else target.set(key, source.values[i] as PyValue);
    }
    return true;
  }
  if (!Array.isArray(source)) return false;
  allowance.spend(source.length);
  for (const entry of source) {
    const pair = entry instanceof PyTuple ? entry.items : entry;
    if (!Array.isArray(pair) || pair.length !== 2) return false;
    const [key, value] = pair as [PyValue, PyValue];
    if (!allowance.takesKey(key)) return false;
    if (target instanceof PyMultiDict) target.add(key, value);
    else target.set(key, value);
  }
  return true;
}

/**
 * What a MultiDict's own `__setstate__` makes of a dict: it takes any values, where its methods look for lists and find
 * the first item (werkzeug/datastructures/structures.py). A text is a list of its characters to them; of what has no
 * first item only the pickle itself can be copied. False for what it takes for no state.
 */
function restore(target: PyMultiDict, state: PyValue, allowance: Allowance): boolean {
  if (!(state instanceof PyDict) || state instanceof PyMultiDict) return fill(target, state, allowance);
  allowance.spend(state.keys.length);
  for (let i = 0; i < state.keys.length; i++) {
    const key = state.keys[i] as PyValue;
    if (!allowance.takesKey(key)) return false;
    fillList(target, key, itemsOf(state.values[i] as PyValue), allowance);
  }
  return true;
}

function itemsOf(value: PyValue): readonly PyValue[] {
  if (value instanceof PyTuple) return value.items;
  if (Array.isArray(value)) return value;
  const text = value instanceof PyText ? value.decode() : value;
  return typeof text === 'string' ? [...text] : [new PyInstance('of a MultiDict without a list', -1)];
}

/** MultiDict leaves out a key without values. */
function fillList(target: PyMultiDict, key: PyValue, list: readonly PyValue[], allowance: Allowance): void {
  allowance.spend(list.length);
  if (list.length > 0) target.setList(key, list.slice());
}

/** MultiDict takes lists and tuples for lists of values. */
function listAt(source: PyDict, place: number): readonly PyValue[] {
  if (source instanceof PyMultiDict) return source.lists[place] as PyValue[];
  const value = source.values[place] as PyValue;
  if (value instanceof PyTuple) return value.items;
  return Array.isArray(value) ? value : [value];
}

/**
 * The classes and functions a session may name, each with what a call of it comes to as data. Nothing is ever run. Left
 * as a value, it is one that can only be copied with its pickle.
 */
export class Global extends PyClass {
  constructor(
    readonly name: string,
    /** The outcome of a call, or a reason why this is none that a pickler writes. */
    readonly call: (args: readonly PyValue[], allowance: Allowance) => PyValue | Refusal,
  ) {
    super(`${name} itself`, -1);
  }
}

/** A class that no session is known to use, of which nothing is known but its name and where that stands. */
export class UnknownClass extends PyClass {
  constructor(
    readonly name: string,
    offset: number,
  ) {
    super(`${name} itself`, offset);
  }
}

/** Why a call has no outcome. */
export class Refusal {
  constructor(readonly reason: string) {}
}

const WRONG_ARGUMENTS = new Refusal('unexpected arguments');
const globals = new Map<string, Global>();

function allow(modules: string[], name: string, call: Global['call']): void {
  for (const module of modules) globals.set(`${module}.${name}`, new Global(`${module}.${name}`, call));
}

/** Objects that could be made in the time that it takes to know a zone, and to find out its offset at a moment. */
const [ZONE_COST, OFFSET_COST] = [1000, 60];

/** Python 3's name of the module, and the one that Python 2 and protocols below 3 write. */
const BUILTINS = ['builtins', '__builtin__'];

/** Before and after werkzeug 2.3 made a package of it. */
const WERKZEUG = ['werkzeug.datastructures', 'werkzeug.datastructures.structures'];

for (const kind of ['datetime', 'date', 'time'] satisfies DateClass[]) {
  allow(['datetime'], kind, (args, allowance) => {
    if (args[1] instanceof NamedZone) allowance.spend(OFFSET_COST);
    return dateFromState(kind, args) ?? WRONG_ARGUMENTS;
  });
}
allow(['datetime'], 'timedelta', (args) => deltaOf(args) ?? new PyInstance('datetime.timedelta', -1));
for (const name of ZONE_CLASSES) {
  globals.set(name, new Global(name, (args) => zoneOf(name, args)));
}
const unpickleZone = new Global('zoneinfo.ZoneInfo._unpickle', (args, allowance) => {
  allowance.spend(ZONE_COST);
  return zoneInfoOf(args);
});
globals.set(unpickleZone.name, unpickleZone);
// By which C's ZoneInfo has its _unpickle pickled, and the only use of it that no attack has.
allow(BUILTINS, 'getattr', ([of, name], allowance) => {
  const attribute = name instanceof PyText ? name.latin1 : name;
  const isZone = of instanceof UnknownClass && of.name === 'zoneinfo.ZoneInfo' && attribute === '_unpickle';
  allowance.spend(1);
  return isZone ? unpickleZone : WRONG_ARGUMENTS;
});
globals.set('pytz.UTC', new Global('pytz.UTC', () => zoneOf('pytz._UTC', [])));

for (const isFrozen of [false, true]) {
  allow(BUILTINS, isFrozen ? 'frozenset' : 'set', (args, allowance) => {
    const [items = []] = args;
    if (args.length > 1 || !Array.isArray(items)) return WRONG_ARGUMENTS;
    allowance.spend(items.length);
    const set = new PySet(isFrozen);
    for (const item of items) {
      if (!allowance.takesKey(item)) return WRONG_ARGUMENTS;
      set.add(item);
    }
    return set;
  });
}

for (const name of ['TypeConversionDict', 'ImmutableTypeConversionDict', 'ImmutableDict']) {
  allow(WERKZEUG, name, (args, allowance) => mapping(new PyDict(), args, allowance));
}
for (const name of ['MultiDict', 'ImmutableMultiDict', 'OrderedMultiDict', 'ImmutableOrderedMultiDict']) {
  allow(WERKZEUG, name, (args, allowance) => mapping(new PyMultiDict(name), args, allowance));
}
allow(BUILTINS, 'dict', (args, allowance) => mapping(new PyDict(), args, allowance));
allow(['collections'], 'OrderedDict', (args, allowance) => mapping(new PyDict(), args, allowance));

// Only ever the base class that _reconstructor is told of, or what a defaultdict makes of a missing key.
for (const name of ['object', 'list', 'tuple', 'str', 'unicode', 'int', 'long', 'float']) {
  allow(BUILTINS, name, () => WRONG_ARGUMENTS);
}

// Protocols below 3 have no bytes: Python 3 writes text, one character for each byte.
allow(['_codecs'], 'encode', (args, allowance) => fromLatin1(args, allowance, false));
allow(BUILTINS, 'bytes', (args) => (args.length === 0 ? new PyBytes(new Uint8Array()) : WRONG_ARGUMENTS));
allow(BUILTINS, 'bytearray', (args, allowance) => {
  const [source] = args;
  if (args.length !== 1 || !(source instanceof PyBytes)) return fromLatin1(args, allowance, true);
  allowance.spendOnText(source.bytes.length);
  return new PyBytes(source.bytes.slice(), true);
});

// Protocols below 2: CPython Lib/copyreg.py, called with the class, its built-in base, and the value as of the base.
allow(['copyreg', 'copy_reg'], '_reconstructor', (args, allowance) => {
  const [type, base, state = null] = args;
  if (!isGlobal(base) || args.length > 3) return WRONG_ARGUMENTS;
  if (type instanceof UnknownClass) return new PyInstance(type.name, type.offset, reconstructed(base.name, state));
  if (!isGlobal(type)) return WRONG_ARGUMENTS;
  if (base.name.endsWith('.object') && state === null) return type.call([], allowance);
  return base.name.endsWith('.dict') ? type.call([state], allowance) : WRONG_ARGUMENTS;
});

/** The global of that name, or null if no session has a use for it. */
export function findGlobal(module: string, name: string): Global | null {
  return globals.get(`${module}.${name}`) ?? null;
}

/** Classes lie on the stack and in tuples of arguments among the values, where the types do not know of them. */
export function isGlobal(value: unknown): value is Global {
  return value instanceof Global;
}

/** BUILD: what `state` makes of `target`. */
export function build(target: PyValue, state: PyValue, cursor: Cursor, allowance: Allowance): void {
  if (target instanceof PyMultiDict) {
    target.clear();
    if (!restore(target, state, allowance)) throw cursor.malformed('unexpected state of a MultiDict');
  } else if (!(target instanceof PyDict || target instanceof PyInstance)) {
    if (state !== null) throw cursor.malformed('attributes of what has none');
  } else if (target instanceof PyInstance) {
    // Attributes: no encoder of built-in types looks at them.
  } else if (state !== null && !(state instanceof PyDict && state.keys.length === 0)) {
    throw cursor.unsupported('attributes of an object');
  }
}

function mapping(target: PyDict, args: readonly PyValue[], allowance: Allowance): PyDict | Refusal {
  const [source] = args;
  if (source === undefined) return target;
  return args.length === 1 && fill(target, source, allowance) ? target : WRONG_ARGUMENTS;
}

function fromLatin1(args: readonly PyValue[], allowance: Allowance, isMutable: boolean): PyBytes | Refusal {
  if (isMutable && args.length === 0) return new PyBytes(new Uint8Array(), true);
  if (args.length !== 2) return WRONG_ARGUMENTS;
  const [text, charset] = args.map((arg) => (arg instanceof PyText ? arg.latin1 : arg));
  if (typeof text !== 'string' || (charset !== 'latin1' && charset !== 'latin-1')) return WRONG_ARGUMENTS;
  allowance.spendOnText(text.length);
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return WRONG_ARGUMENTS;
  return new PyBytes(new Uint8Array(Buffer.from(text, 'latin1')), isMutable);
}
