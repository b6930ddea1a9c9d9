import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname } from 'node:path';
import { CREATE_TIME, DAY_S, hexSid, jsonText, pickledLogin, pickleOf, SessionStore, urlsafeSid } from './store.js';

/** The command line under which {@link storeOfEverything} has every outcome. */
export const OPTIONS_FOR_EVERYTHING = [
  '--odoo-db',
  'shop',
  '--anonymous',
  'skip',
  '--max-age',
  '5d',
  '--max-file-size',
  '64KiB',
  // A reader that knows ids of 86 characters would have no `dead` one here.
  '--sids',
  '40,84',
];

export interface StoreOfEverything {
  store: SessionStore;
  /** How many entries have each outcome when Redis is empty. */
  expected: Record<string, number>;
  /** Sids of the entries that move. */
  moving: string[];
  /** Lets go of the socket in the store, and makes the store one that can be removed. */
  close: () => void;
}

/**
 * A directory with every kind of entry that design.md section 5 and field/odoo-sessions.md 1.4 name, each written by
 * hand. @param unreadable whether to put in entries that only root could read
 */
export async function storeOfEverything(workspace: string, unreadable: boolean): Promise<StoreOfEverything> {
  const store = new SessionStore(workspace);
  const expected: Record<string, number> = {};
  const moving: string[] = [];
  const seconds = Math.floor(Date.now() / 1000);
  let n = 0;
  const hex = () => hexSid(n++);
  const urlsafe = () => urlsafeSid(n++);
  const count = (outcome: string, entries = 1) => {
    expected[outcome] = (expected[outcome] ?? 0) + entries;
  };
  const moves = (sid: string) => {
    moving.push(sid);
    count('written');
    return sid;
  };

  for (let i = 0; i < 12; i++) store.flat(moves(hex()), pickledLogin(i + 1));
  for (let i = 0; i < 12; i++) store.hashed(moves(hex()), pickledLogin(i + 1));
  for (let i = 0; i < 12; i++) store.hashed(moves(urlsafe()), jsonText(i + 1, 'shop', CREATE_TIME));

  const skip = (outcome: string, sid: string, bytes: Buffer | string, ageSeconds?: number) => {
    store.hashed(sid, bytes, ageSeconds);
    count(outcome);
  };
  skip('expired', urlsafe(), jsonText(1, 'shop', ', "expiration": 3000'));
  store.flat(hex(), pickleOf({ db: 'shop', uid: 1, expiration: 60 }));
  count('expired');
  skip('anonymous', urlsafe(), jsonText(null));
  skip('anonymous', hex(), pickleOf({ db: 'shop', uid: null }));
  skip('anonymous', urlsafe(), '{"db": "shop", "uid": 0}');
  skip('older', urlsafe(), jsonText(1), 6 * DAY_S);
  skip('older', hex(), pickledLogin(1), 400 * DAY_S);
  skip('other-db', urlsafe(), jsonText(1, 'other'));
  skip('other-db', hex(), pickledLogin(1, 'other'));
  skip('other-db', urlsafe(), '{"uid": 1}');
  skip('rotated', urlsafe(), jsonText(1, 'shop', `, "next_sid": "fake", "deletion_time": ${seconds - 1}.5`));
  skip('report-clone', urlsafe(), jsonText(1, 'shop', ', "_trace_disable": true'));
  skip('dead', urlsafeSid(n++, 86), jsonText(1));
  skip('empty', urlsafe(), '');
  store.flat(hex(), '');
  count('empty');

  for (const name of ['tmpfa4e0001.__wz_sess', 'tmpfa4e0002.__tx_sess__']) store.file(name, jsonText(1));
  count('temp-file', 2);

  const reject = (outcome: string, bytes: Buffer | string) => skip(outcome, urlsafe(), bytes);
  reject('malformed', '{"db": "shop", "uid": 1');
  reject('malformed', '\ufeff{"db": "shop", "uid": 1}');
  reject('malformed', 'nonsense');
  reject('malformed', Buffer.from('80027d2858020000006462', 'hex'));
  reject('unsupported', Buffer.from('\x80\x02cos\nsystem\nX\x02\x00\x00\x00id\x85R.', 'latin1'));
  // {"db": "shop", "uid": 1, "blob": b"fake"} in protocol 3
  reject(
    'unsupported',
    Buffer.from(
      '80037d2858020000006462580400000073686f7058030000007569644b015804000000626c6f62430466616b65752e',
      'hex',
    ),
  );
  reject('too-large', jsonText(1, 'shop', `, "pad": "${'x'.repeat(70_000)}"`));

  const foreign = await addForeign(store, hex, urlsafe);
  count('foreign', foreign.entries);
  if (unreadable) {
    for (const path of [store.flat(hex(), pickledLogin(1)), store.hashed(urlsafe(), jsonText(1))]) chmodSync(path, 0);
    const shard = store.entry('zZ');
    mkdirSync(shard);
    writeFileSync(`${shard}/${urlsafe()}`, jsonText(1));
    chmodSync(shard, 0);
    count('unreadable', 3);
  }
  const close = () => {
    foreign.listener.close();
    if (unreadable) chmodSync(`${store.directory}/zZ`, 0o700);
  };
  return { store, expected, moving, close };
}

/** Puts in what is no session; hands back how many, and who listens on the socket. */
async function addForeign(
  store: SessionStore,
  hex: () => string,
  urlsafe: () => string,
): Promise<{ entries: number; listener: Server }> {
  const before = store.entries;
  const outside = `${store.directory}-outside`;
  writeFileSync(outside, jsonText(99));
  const outsideShard = `${store.directory}-outside-shard`;
  mkdirSync(outsideShard);
  const hidden = urlsafe();
  writeFileSync(`${outsideShard}/${hidden}`, jsonText(99));

  symlinkSync(outside, store.entry(`werkzeug_${hex()}.sess`));
  const linked = urlsafe();
  symlinkSync(outside, store.entry(`${linked.slice(0, 2)}/${linked}`));
  symlinkSync(outsideShard, store.entry(hidden.slice(0, 2)));
  symlinkSync('/nowhere/fake', store.entry(`werkzeug_${hex()}.sess`));
  execFileSync('mkfifo', [store.entry(`werkzeug_${hex()}.sess`)]);
  const piped = urlsafe();
  execFileSync('mkfifo', [store.entry(`${piped.slice(0, 2)}/${piped}`)]);
  mkdirSync(store.entry(`werkzeug_${hex()}.sess`));
  const directory = urlsafe();
  mkdirSync(store.entry(`${directory.slice(0, 2)}/${directory}`));
  mkdirSync(store.entry('lost+found'));
  writeFileSync(`${store.directory}/lost+found/werkzeug_${hex()}.sess`, pickledLogin(1));

  store.file('.nfs0000000000fa4e0000000001', jsonText(1));
  store.file(`werkzeug_${hex()}_fa4efa4efa4efa4efa4efa4efa4efa4e.file`, 'a parked upload');
  store.file('junk', jsonText(1));
  store.file('README.md', 'junk');
  store.file('zz', 'a file named like a shard');
  store.file(hex(), pickledLogin(1));
  store.file(urlsafe(), jsonText(1));
  store.file(`werkzeug_${hex()}.sess.bak`, pickledLogin(1));
  store.file(`werkzeug_${hex().toUpperCase()}.sess`, pickledLogin(1));
  store.file(`werkzeug_${hex().slice(1)}.sess`, pickledLogin(1));
  store.file(`werkzeug_${'g'.repeat(40)}.sess`, pickledLogin(1));
  store.file(`xy/${hex()}`, pickledLogin(1));
  const flatInShard = hex();
  store.file(`${flatInShard.slice(0, 2)}/werkzeug_${flatInShard}.sess`, pickledLogin(1));
  const nested = urlsafe();
  store.file(`${nested.slice(0, 2)}/${nested}~`, jsonText(1));
  store.file(`${nested.slice(0, 2)}/.nfs0000000000fa4e0000000002`, jsonText(1));

  // Names that are no UTF-8: in the store, in a shard, and of a directory that is no shard.
  const raw = (name: string) => Buffer.concat([Buffer.from(`${store.directory}/`), Buffer.from(name, 'latin1')]);
  mkdirSync(raw('Q_'), { recursive: true });
  for (const name of ['werkzeug_\xff\xfe.sess', 'Q_/Q_\xe9']) writeFileSync(raw(name), jsonText(1));
  mkdirSync(raw('\xff\xfe'));
  store.entries += 3;

  // The path of a socket may have some hundred bytes only.
  const short = `${dirname(store.directory)}/s`;
  symlinkSync(store.directory, short);
  const socket = `werkzeug_${hex()}.sess`;
  store.entry(socket);
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(`${short}/${socket}`, resolve));
  return { entries: store.entries - before, listener };
}
