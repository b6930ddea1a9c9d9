// express-session's real stores, for tests: `write express DIRECTORY` and `read express SOCKET` (ids on stdin), which print
// {id: content} as JSON. Runs in a directory with node_modules of express-session, session-file-store, connect-redis, redis.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [mode, , place] = process.argv.slice(2);
const require = createRequire(pathToFileURL(join(process.cwd(), 'x.js')));
const session = require('express-session');
const out = {};

if (mode === 'write') {
  const store = new (require('session-file-store')(session))({ path: place, logFn: () => {}, reapInterval: -1 });
  const cases = [
    { maxAge: 7_200_000, data: { passport: { user: 'jane' }, cart: { sku: 2 } } },
    { data: { text: 'grün 😀 " \\ \u2028', empty: {}, no: null } },
  ];
  for (const { maxAge, data } of cases) {
    const handle = session({ store, secret: 'x', resave: false, saveUninitialized: true, cookie: { maxAge } });
    await new Promise((resolve) => {
      const request = { headers: {}, url: '/', connection: {}, on() {} };
      const response = {
        setHeader() {},
        getHeader() {},
        on() {},
        writeHead() {},
        end: () => resolve(),
        _implicitHeader() {},
      };
      handle(request, response, () => {
        Object.assign(request.session, data);
        out[request.sessionID] = data;
        response.end();
      });
    });
  }
} else {
  const { RedisStore } = require('connect-redis');
  const client = require('redis').createClient({ socket: { path: place } });
  await client.connect();
  const store = new RedisStore({ client });
  for (const sid of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
    const { cookie, __lastAccess, ...data } = await new Promise((resolve, reject) =>
      store.get(sid, (error, found) => (error ? reject(error) : resolve(found ?? {}))),
    );
    out[sid] = data;
  }
  await client.close();
}
process.stdout.write(JSON.stringify(out));
