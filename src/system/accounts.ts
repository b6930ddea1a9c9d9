import { readFileSync } from 'node:fs';

/** Users and groups are numbers below this; -1 means "leave it" to chown(2). */
const MOST = 2 ** 32 - 2;

/** Whether text is the number of a user or a group. */
export function isAccountNumber(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) <= MOST;
}

/**
 * The fields of passwd(5) or group(5); null where the name is not in there. Users of a directory service are not, and a
 * container may have no such file.
 */
export function accountNamed(file: string, name: string): string[] | null {
  return entries(file).find((fields) => fields[0] === name) ?? null;
}

/** The name of a user, or the number where /etc/passwd has none. */
export function userName(uid: number): string {
  return entries('/etc/passwd').find((fields) => fields[2] === String(uid))?.[0] ?? String(uid);
}

function entries(file: string): string[][] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .filter((fields) => fields.length > 2);
  } catch {
    return [];
  }
}
