import { PyDict, PyFloat, PyInstance, PyText, PyTuple, type PyValue } from '../values.js';

/**
 * A class or function itself, as a value: it takes no items, for it may be the same object in the next file as well.
 */
export class PyClass extends PyInstance {}

/**
 * Modules of Python itself that run something, reach out of the process, or hand on what does. A pickle that names one
 * is an attack or damage: it moves to no reader.
 */
const NEVER = new Set(
  (
    '__builtin__ __main__ asyncio atexit bdb builtins code codeop commands concurrent copyreg copy_reg ctypes dbm ' +
    'distutils doctest ftplib functools gc getpass http.client imaplib imp importlib inspect io linecache logging ' +
    'marshal multiprocessing nt ntpath operator os pdb pickle pip pkgutil platform popen2 poplib posix posixpath profile ' +
    'pty pydoc runpy setuptools shelve shutil signal site smtplib socket sqlite3 ssl subprocess sys tarfile tempfile ' +
    'test threading timeit trace types urllib urllib2 urllib3 webbrowser xmlrpc zipfile zipimport _codecs _io _pickle ' +
    '_posixsubprocess _socket _thread'
  ).split(' '),
);

/** Modules whose classes are no built-in types, whatever they are called with. */
const OF_THEIR_OWN_KIND = new Set(
  (
    'array bytes calendar cffi datetime dateutil decimal email fractions ipaddress itertools json locale lxml numbers ' +
    'numpy pandas pathlib psycopg2 pytz queue random re secrets string time uuid weakref zoneinfo'
  ).split(' '),
);

/** Dicts by name, so that one without items is known for what it is. */
const DICTS = new Set([
  'collections.defaultdict',
  'collections.Counter',
  'odoo.tools.frozendict',
  'odoo.tools.misc.frozendict',
  'openerp.tools.misc.frozendict',
]);

/** A class as PEP 8 spells it; a function is no type that a value could be of. */
const CLASS_WORD = /\.[A-Z][A-Za-z0-9_]{0,63}$/;

export function isNeverLoaded(module: string): boolean {
  return NEVER.has(module) || NEVER.has(module.slice(0, Math.max(module.indexOf('.'), 0)));
}

/**
 * The built-in value that an object is as well, as far as the arguments tell by which pickle makes it. By `__new__` a
 * subclass of text, int, float or tuple is made of its value, and a named tuple of its items (CPython Lib/copyreg.py);
 * by a call an enum is made of its value and a Counter of its dict. A named tuple of one item looks like a subclass of
 * that item, and is taken for it.
 */
export function builtInBase(name: string, args: readonly PyValue[], isCall: boolean): PyValue | undefined {
  if (DICTS.has(name)) return args[0] instanceof PyDict ? args[0] : new PyDict();
  if (OF_THEIR_OWN_KIND.has(name.slice(0, name.indexOf('.')))) return undefined;
  const [value] = args;
  if (args.length > 1) return isCall ? undefined : new PyTuple([...args]);
  if (value === undefined || (isCall && !CLASS_WORD.test(name))) return undefined;
  if (isCall && value instanceof PyDict) return value;
  const isScalar = isText(value) || typeof value === 'number' || typeof value === 'bigint' || value instanceof PyFloat;
  return isScalar || (!isCall && value instanceof PyTuple) ? value : undefined;
}

/**
 * The value of `copyreg._reconstructor(class, base, value)`, by which protocols 0 and 1 make an object of a subclass.
 */
export function reconstructed(base: string, value: PyValue): PyValue | undefined {
  switch (base.slice(base.indexOf('.') + 1)) {
    case 'dict':
      return value instanceof PyDict ? value : undefined;
    case 'list':
      return Array.isArray(value) ? value : undefined;
    case 'tuple':
      return value instanceof PyTuple ? value : undefined;
    case 'str':
    case 'unicode':
      return isText(value) ? value : undefined;
    case 'int':
    case 'long':
      return typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
    case 'float':
      return value instanceof PyFloat ? value : undefined;
    default:
      return undefined;
  }
}

function isText(value: PyValue): boolean {
  return typeof value === 'string' || value instanceof PyText;
}
