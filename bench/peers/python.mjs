/** What people use today. Both scripts copy a part of the store, and the rate is scaled to all of it. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { timed } from '../child.mjs';

/** Debian's own: a python3 from elsewhere on the PATH would not see Debian's redis module. */
const PYTHON = '/usr/bin/python3';

function script(name, file, limit) {
  return {
    name,
    needsRedis: true,
    unavailable: withoutRedisModule,
    async run({ store, server }) {
      const path = fileURLToPath(new URL(file, import.meta.url));
      const wanted = Math.min(limit, store.sessions);
      const { seconds: wall, stdout } = await timed(PYTHON, [path, store.path, server.socket, String(wanted)]);
      const { sessions, copySeconds } = JSON.parse(stdout);
      // Start-up and listing happen once, and only the copying grows with the rest of the store.
      const seconds = wall - copySeconds + copySeconds * (store.sessions / sessions);
      return { seconds, sessions: store.sessions, measured: { wanted, sessions, wall, copySeconds } };
    },
    check({ measured: { wanted, sessions } }, { server }) {
      const [held] = server.ask('DBSIZE');
      if (sessions !== wanted || Number(held) !== wanted) throw new Error(`${file}: ${held} of ${wanted} keys`);
    },
  };
}

export const camptocampLoop = script('camptocamp-style loop', './camptocamp-loop.py', 50_000);
export const pipelinedScript = script('pipelined Python script', './pipelined.py', 200_000);

let missing;
function withoutRedisModule() {
  missing ??=
    hasRedisModule() || (install() && hasRedisModule()) ? '' : `no redis module for ${PYTHON} (python3-redis)`;
  return missing || undefined;
}

function hasRedisModule() {
  try {
    execFileSync(PYTHON, ['-c', 'import redis'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function install() {
  if (process.getuid() !== 0) return false;
  process.stderr.write('bench: apt-get install python3-redis, for the Python peers\n');
  try {
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'python3-redis'], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: 'pipe',
    });
    return true;
  } catch {
    return false;
  }
}

export function pythonVersions() {
  const text = 'import platform, redis; print(f"Python {platform.python_version()}, redis-py {redis.__version__}")';
  return execFileSync(PYTHON, ['-c', text], { encoding: 'utf8' }).trim();
}
