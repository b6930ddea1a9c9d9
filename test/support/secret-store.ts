import { CREATE_TIME, hexSid, jsonText, pickleOf, SessionStore, urlsafeSid } from './store.js';

/** Stand in every session of {@link secretStore}, sound or broken, where Odoo keeps a token, a password, a login. */
export const SECRETS = {
  token: 'fake-token-7f3a91c05d',
  password: 'fake-password-hunter2',
  login: 'fake-login@secret.example',
};

export interface SecretStore {
  store: SessionStore;
  sids: string[];
  /** Files of sessions, whatever is in them. */
  files: string[];
}

/**
 * Sessions that move, and sessions that are rejected right where a secret is being read.
 *
 * @param moreBlobs opcodes, one character per byte, that make the value of a key in a pickle of its own each
 */
export function secretStore(workspace: string, moreBlobs: readonly string[] = []): SecretStore {
  const store = new SessionStore(workspace);
  const sids: string[] = [];
  const files: string[] = [];
  const { token, password, login } = SECRETS;
  const keep = (sid: string) => {
    sids.push(sid);
    return sid;
  };
  let n = 0;
  const json = (text: string) => files.push(store.hashed(keep(urlsafeSid(n++)), text));
  const pickle = (bytes: Buffer) => files.push(store.flat(keep(hexSid(n++)), bytes));

  const more = `, "password": "${password}", "token": "${token}", "name": "${login}"`;
  json(jsonText(1, 'shop', more + CREATE_TIME));
  json(jsonText(null, 'shop', more));
  json(`${jsonText(1, 'shop', more)} "${token}"`);
  json(`{"db": "shop", "uid": 1, "session_token": ${token}}`);
  json(`{"${token}": "${password}", "${login}": tru}`);
  json(`{"db": "shop", "uid": 1, "session_token": "${token}`);
  json(`{"db": "shop", "uid": 1${more}, "session_token": "\\x${token}"}`);
  json(`${token} ${password}`);
  json(`{"db": "shop", "uid": 1, "${password}": "${token}\n"}`);
  json(jsonText(1, 'shop', `${more}, "expiration": 1`));
  json(jsonText(1, 'shop', `${more}, "pad": "${token.repeat(3000)}"`));
  json('');
  files.push(store.hashed(keep(urlsafeSid(n++, 86)), jsonText(1, 'shop', more)));

  const sound = pickleOf({ db: 'shop', uid: 1, session_token: token, password, login });
  pickle(sound);
  pickle(sound.subarray(0, -8));
  const body = sound.subarray(0, -2).toString('latin1');
  const blobs = [
    `C\x15${token}`,
    `I${token}\n`,
    `F${password}\n`,
    `P${token}\n`,
    `S'${token}\n`,
    `cdatetime\ndatetime\n(X\x15\x00\x00\x00${token}tR`,
    `U\x16${token}\xe9`,
  ];
  for (const blob of [...blobs, ...moreBlobs]) pickle(Buffer.from(`${body}X\x04\x00\x00\x00blob${blob}u.`, 'latin1'));

  // Sids in names that are no session's.
  store.file(keep(hexSid(n++)), sound);
  store.file(`werkzeug_${keep(hexSid(n++))}_fa4efa4efa4efa4efa4efa4efa4efa4e.file`, sound);
  store.file(`tmp${keep(hexSid(n++))}.__wz_sess`, sound);
  store.file(`werkzeug_${keep(hexSid(n++))}.sess~`, sound);
  return { store, sids, files };
}
