// express-session behind HTTP with its real stores, for tests: the modes are those of sessions.php, content is JSON, and
// `ends` stands for the lifetime. Kinds: express-10, express-9, express-6 (the version of connect-redis).
const { readFileSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { join } = require('node:path');
const signature = require('cookie-signature');
const session = require('express-session');

const [mode, kind, place] = process.argv.slice(2);
const SECRET = 'of the test';
const DAY = 86_400_000;

const ROLES = {
  login: { passport: { user: 'jane' }, cart: { sku: 2 } },
  anonymous: { views: 1, no: null, d: 0.1 },
  unicode: { größe: '😀 " \\ \u2028', empty: {}, list: [[]] },
  flash: { flash: { info: ['saved'] } },
  large: { rows: Array.from({ length: 4000 }, (_, n) => ({ sku: 'a-b-c', n })) },
  endless: { views: 3 },
  old: { passport: { user: 'john' } },
};

main();

async function main() {
  const isOnFiles = mode !== 'read-redis' && mode !== 'request';
  const { store, close } = isOnFiles ? fileStore() : await redisStore();
  const server = createServer((request, response) => {
    const role = request.url.slice(1);
    const cookie = role === 'endless' ? {} : { maxAge: 2 * 3_600_000 };
    const handle = session({ store, secret: SECRET, resave: false, saveUninitialized: false, cookie });
    handle(request, response, () => answer(request, response, role));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const ask = async (path, id) => {
    const headers = id ? { cookie: `connect.sid=s:${signature.sign(id, SECRET)}` } : {};
    return (await fetch(`http://127.0.0.1:${server.address().port}/${path}`, { headers })).json();
  };
  const out = {};
  if (mode === 'write') for (const role of Object.keys(ROLES)) out[role] = await written(role, ask);
  else {
    for (const id of JSON.parse(readFileSync(0, 'utf8'))) {
      if (mode.startsWith('read')) out[id] = await read(store, id);
      else out[id] = (await ask(mode, id)).content;
    }
  }
  server.closeAllConnections();
  server.close();
  await close();
  process.stdout.write(JSON.stringify(out));
}

/** What the application does: a path is a role whose data it puts into the session, or a request of a session that is there. */
function answer(request, response, role) {
  const isKnown = Object.keys(contentOf(request.session) ?? {}).length > 0;
  const end = () => {
    response.setHeader('content-type', 'application/json');
    const content = request.session && isKnown | (role in ROLES) ? contentOf(request.session) : null;
    response.end(JSON.stringify({ id: request.sessionID, content, ends: request.session?.cookie.expires ?? null }));
  };
  if (role === 'logout') return request.session.destroy(end);
  if (role === 'save') request.session.later = 'more';
  Object.assign(request.session, ROLES[role]);
  end();
}

/** Lets the application make a session; an old one is one whose times are put back. */
async function written(role, ask) {
  const { id, content } = await ask(role);
  const file = `${id}.json`;
  const path = join(place, file);
  const stored = JSON.parse(readFileSync(path, 'utf8'));
  if (role === 'old') {
    stored.cookie.expires = new Date(Date.parse(stored.cookie.expires) - 30 * DAY);
    stored.__lastAccess -= 30 * DAY;
    writeFileSync(path, JSON.stringify(stored));
  }
  const { expires } = stored.cookie;
  // The file store's own ttl rules where the cookie has no end.
  return { id, file, content, ends: expires ? Date.parse(expires) : stored.__lastAccess + 3_600_000 };
}

function read(store, id) {
  return new Promise((resolve, reject) => {
    // The file store calls a session that is not there an error.
    store.get(id, (error, found) => (error && error.code !== 'ENOENT' ? reject(error) : resolve(contentOf(found))));
  });
}

function contentOf(found) {
  if (!found) return null;
  const { cookie, __lastAccess, ...content } = JSON.parse(JSON.stringify(found));
  return content;
}

function fileStore() {
  const store = new (require('session-file-store')(session))({ path: place, logFn() {}, reapInterval: -1, retries: 0 });
  return { store, close() {} };
}

async function redisStore() {
  if (kind === 'express-6') {
    const client = new (require('ioredis'))(place);
    const store = new (require('connect-redis-6')(session))({ client });
    return { store, close: () => client.quit() };
  }
  const { RedisStore } = require(kind === 'express-9' ? 'connect-redis-9' : 'connect-redis-10');
  const client = require('redis').createClient({ socket: { path: place } });
  await client.connect();
  return { store: new RedisStore({ client }), close: () => client.close() };
}
