// Debian's packages without root: fetched with lists of its own, and unpacked below the project, where nothing else sees them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CACHE } from './project-path.mjs';

/** Where packages are unpacked, as if it were `/`. */
export const UNPACKED = join(CACHE, 'root');

/** What a program from there needs in its environment. */
export const LIBRARIES = `LD_LIBRARY_PATH=${['usr/lib', 'lib']
  .map((directory) => join(UNPACKED, directory, `${machine()}-linux-gnu`))
  .join(':')}`;

/**
 * Unpacks packages with all that they need and the system lacks. A group of which Debian lacks one is left out as a whole.
 * @param groups lists of package names
 */
export function unpackPackages(groups) {
  if (!onPath('apt-get') || !onPath('dpkg')) return;
  const apt = join(CACHE, 'apt');
  for (const directory of ['lists/partial', 'archives/partial']) mkdirSync(join(apt, directory), { recursive: true });
  const places = { 'Dir::State::Lists': join(apt, 'lists'), 'Dir::Cache': apt, 'APT::Sandbox::User': '' };
  const options = Object.entries(places).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const quiet = { cwd: apt, stdio: 'ignore' };
  spawnSync('apt-get', [...options, 'update', '-qq'], quiet);
  const plan = ['install', '--simulate', '--no-install-recommends'];
  const missing = groups.flatMap((names) => {
    const { stdout } = spawnSync('apt-get', [...options, ...plan, ...names], {
      ...quiet,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return [...String(stdout).matchAll(/^Inst (\S+)/gm)].map(([, name]) => name);
  });
  if (missing.length > 0) spawnSync('apt-get', [...options, 'download', '-qq', ...new Set(missing)], quiet);
  for (const name of readdirSync(apt).filter((each) => each.endsWith('.deb'))) {
    spawnSync('dpkg', ['-x', join(apt, name), UNPACKED], quiet);
  }
  rmSync(apt, { recursive: true, force: true });
}

export function onPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => existsSync(join(directory, program)));
}

/** As Debian names it in its directories of libraries. */
function machine() {
  return { x64: 'x86_64', arm64: 'aarch64' }[process.arch] ?? process.arch;
}
