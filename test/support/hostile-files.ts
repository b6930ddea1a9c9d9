/** Session files made to hurt whoever reads them: by code, depth, size, or work. */

const MIB = 2 ** 20;

/** One character per byte. */
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

const u32 = (value: number): string => {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer.toString('latin1');
};

/** Protocol 4: a login whose member `x` has the value that `opcodes` make. */
const pickle = (opcodes: string): Buffer => bytes(`\x80\x04}(X\x03\x00\x00\x00uidK\x07X\x01\x00\x00\x00x${opcodes}u.`);

const json = (value: string): Buffer => bytes(`{"uid": 7, "x": ${value}}`);

/** What runs `command` in whoever executes pickles, in every way that pickles have to call something. */
export function codePickles(command: string): Record<string, Buffer> {
  const text = `X${u32(command.length)}${command}`;
  const python = `__import__("os").system("${command}")`;
  const expression = `X${u32(python.length)}${python}`;
  return {
    'GLOBAL and REDUCE': pickle(`cos\nsystem\n${text}\x85R`),
    'STACK_GLOBAL and REDUCE': pickle(`\x8c\x05posix\x8c\x06system\x93${text}\x85R`),
    'os.system as the whole file': bytes(`\x80\x02cos\nsystem\n${text}\x85R.`),
    'os.system in protocol 0': bytes(`cos\nsystem\n(S'${command}'\ntR.`),
    'os.system in protocol 0, in a dict': bytes(`(dS'x'\ncos\nsystem\n(S'${command}'\ntRs.`),
    INST: pickle(`(${text}ios\nsystem\n`),
    OBJ: pickle(`(cos\nsystem\n${text}o`),
    eval: pickle(`cbuiltins\neval\n${expression}\x85R`),
    NEWOBJ: pickle(`csubprocess\nPopen\n${text}\x85\x81`),
    NEWOBJ_EX: pickle(`csubprocess\nPopen\n${text}\x85}\x92`),
    'a whitelisted class called with a function': pickle(
      `cbuiltins\nset\ncbuiltins\nmap\ncos\nsystem\n](${text}e\x86R\x85R`,
    ),
    'BUILD with a state': pickle(`ccollections\nOrderedDict\n)R}(X\x0c\x00\x00\x00__setstate__cos\nsystem\nu${text}b`),
    'an extension': pickle('\x82\x01'),
    'a persistent id': pickle(`${text}Q`),
    'code in the memo only': bytes(`\x80\x04cos\nsystem\n\x94${text}\x85R0}(X\x03\x00\x00\x00uidK\x07u.`),
  };
}

/** Lists of ten times the list before, thirty times over: small to hold, endless to write out. */
function bomb(): string {
  let opcodes = `](${'X\x03\x00\x00\x00lol'.repeat(10)}eq\x00`;
  for (let level = 0; level < 30; level++) {
    opcodes += `](${`h${String.fromCharCode(level)}`.repeat(10)}eq${String.fromCharCode(level + 1)}`;
  }
  return opcodes;
}

/** Pairs of the pair before, forty times over, twice: comparing the two takes a trillion steps. */
function twinKeys(): string {
  const chain = (first: number) => {
    let opcodes = `K\x01\x85q${String.fromCharCode(first)}`;
    for (let level = 1; level < 40; level++) {
      const before = `h${String.fromCharCode(first + level - 1)}`;
      opcodes += `${before}${before}\x86q${String.fromCharCode(first + level)}`;
    }
    return opcodes;
  };
  return `}(${chain(1)}K\x01${chain(60)}K\x02u`;
}

/** Files that must be rejected, whatever the reader. */
export const REJECTED: Readonly<Record<string, Buffer>> = {
  'lists in lists in JSON': json('['.repeat(400_000) + ']'.repeat(400_000)),
  'objects in objects in JSON': bytes('{"x":'.repeat(200_000)),
  'an open list in JSON': json('['.repeat(MIB - 100)),
  'a number of a million digits': json('9'.repeat(MIB - 100)),
  'quotes without an end': bytes(`{"uid": 7, "x": "${'\\'.repeat(MIB - 100)}`),
  'bytes that are no UTF-8': json(`"${'\xff'.repeat(1000)}"`),
  'a NUL in the middle': json('1\x00'),
  'UTF-16': Buffer.from('{"uid": 7}', 'utf16le'),
  'lists in lists': pickle(']'.repeat(300_000) + 'a'.repeat(299_999)),
  'tuples in tuples': pickle(`)${'\x85'.repeat(500_000)}`),
  'dicts in dicts': pickle(`${'}K\x01'.repeat(200_000)}N${'s'.repeat(200_000)}`),
  'a million marks': pickle('('.repeat(MIB - 100)),
  'a million open dicts': bytes(`\x80\x04${'}'.repeat(MIB - 3)}`),
  'text of four gigabytes announced': pickle(`X${u32(0xffffffff)}abc`),
  'text of eight exabytes announced': pickle(`\x8d${u32(0xffffffff)}${u32(0x7fffffff)}abc`),
  'bytes of a negative length': pickle(`T${u32(0x80000000)}abc`),
  'a frame beyond the end': bytes(`\x80\x04\x95${u32(0xffffffff)}${u32(0)}}.`),
  'an integer of two gigabytes announced': pickle(`\x8b${u32(0x7fffffff)}abc`),
  'an integer of half a million digits, as text': pickle(`L${'9'.repeat(500_000)}L\n`),
  'a place in the memo of four billion': pickle(`]r${u32(0xffffffff)}`),
  'a place that is empty': pickle('h\x07'),
  'a hole in the memo': pickle(`Nr${u32(0x7ffffff0)}j${u32(0x7ffffff0)}`),
  'an empty stack': bytes('\x80\x04.'),
  'opcodes that pop nothing': bytes('\x80\x040000.'),
  'a protocol of the future': bytes('\x80\x63}.'),
  'no dict': bytes('\x80\x04].'),
  'the first two bytes': bytes('\x80\x04'),
  'escape codes in a name': pickle('c\x1b[2J\x1b]0;fake\x07\nfake\r\x1b[A\n)R'),
};

/** Small files whose value would be endless in JSON, though each part is sound. */
export const ENDLESS_IN_JSON: Readonly<Record<string, Buffer>> = {
  'a list that holds itself': pickle(']q\x00h\x00a'),
  'a bomb of lists': pickle(bomb()),
  'a text of half a megabyte, a hundred thousand times': pickle(
    `X${u32(500_000)}${'x'.repeat(500_000)}q\x000](${'h\x00'.repeat(100_000)}e`,
  ),
};

/** Files that may be taken or rejected, but in no time and memory to speak of. */
export const LABORIOUS: Readonly<Record<string, Buffer>> = {
  'keys that are alike to the last': pickle(twinKeys()),
  'a hundred thousand keys': pickle(`}(${Array.from({ length: 100_000 }, (_, n) => `J${u32(n)}N`).join('')}u`),
  'a hundred thousand keys in JSON': json(`{${Array.from({ length: 60_000 }, (_, n) => `"${n}": ${n}`).join(', ')}}`),
  'a million escapes': json(`"${'\\u0041'.repeat(170_000)}"`),
  'a hundred thousand sets': pickle(`](${'\x8f'.repeat(100_000)}e`),
  'names of prototypes': bytes(
    '{"uid": 7, "__proto__": {"x": 1}, "constructor": {"prototype": {"y": 1}}, "toString": 1}',
  ),
  'an integer of 250 bytes': pickle(`\x8a\xfa${'\x7f'.repeat(250)}`),
};
