import { EXIT, OperatorError } from '../errors.js';

/** Schemes of a save_path of phpredis (phpredis/phpredis redis_session.c), and the words that a target has for them. */
const SCHEMES: Readonly<Record<string, string>> = { tcp: 'redis', tls: 'rediss', ssl: 'rediss', unix: 'unix' };
const MORE = /[\s,;]+(?=[a-z]+:\/\/)/i;
const ONE = /^(tcp|tls|ssl|unix|rediss?):\/\/([^?]*)(?:\?(.*))?$/i;

/**
 * What to write for a session.save_path of phpredis that was given as the target; null for other targets. Its servers
 * share the sessions by weight, so that each of them gets a run of its own. No part of it that may be a password is
 * repeated.
 */
export function savePathMistake(text: string): OperatorError | null {
  const urls = text.trim().split(MORE);
  const parts = urls.map((url) => ONE.exec(url));
  const isPhp = parts.some((part) => part !== null && !/^redis/i.test(part[1] as string));
  if (parts.includes(null) || (urls.length === 1 && (!isPhp || /^unix/i.test(text)))) return null;
  const weights = parts.map((part) => new URLSearchParams(part?.[3]).get('weight') ?? '1');
  const servers = parts.map((part, i) => {
    const [, scheme = '', where = '', query = ''] = part ?? [];
    const target = targetOf(scheme.toLowerCase(), where, new URLSearchParams(query).get('database') ?? '0');
    return urls.length === 1 ? `--to ${target}` : `--to ${target} --pool-server ${i + 1}/${weights.join(',')}`;
  });
  const advice =
    urls.length === 1
      ? `the target is written as in session.save_path: write ${servers[0]}`
      : `the target names several servers, which share the sessions: make one run for each, with ${servers.join(', then ')}`;
  return new OperatorError(EXIT.usage, advice);
}

function targetOf(scheme: string, where: string, database: string): string {
  const index = /^\d{1,5}$/.test(database) ? database : '0';
  const address = where.replace(/^.*@/, '').replace(/\/.*$/, '');
  if (scheme === 'unix') return `unix://${where}${index === '0' ? '' : `?db=${index}`}`;
  return `${SCHEMES[scheme] ?? scheme}://${address}${/:\d+$/.test(address) ? '' : ':6379'}/${index}`;
}
