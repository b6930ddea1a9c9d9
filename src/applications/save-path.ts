/** What one server of a session.save_path says, as far as it decides where sessions are. */
export interface SavePathServer {
  /** As it is written, without its parameters. */
  address: string;
  weight: number;
  database: number;
  /** Null where none is given; phpredis then takes PHPREDIS_SESSION: */
  prefix: string | null;
  /** Whether a password is given; the password itself goes nowhere. */
  hasAuth: boolean;
}

/** What is wrong with a save_path, a sentence. */
export interface SavePathFault {
  fault: string;
}

/**
 * Reads the servers of phpredis's `session.save_path` (phpredis/phpredis redis_session.c, PS_OPEN_FUNC(redis)): URLs
 * with commas or blanks between, each with its own parameters. A bare `host:port` has none.
 */
export function parseSavePath(text: string): SavePathServer[] | SavePathFault {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  if (parts.length === 0) return { fault: 'session.save_path is empty: it names no server' };
  const servers: SavePathServer[] = [];
  for (const part of parts) {
    const server = parseServer(part);
    if ('fault' in server) return server;
    servers.push(server);
  }
  return servers;
}

function parseServer(text: string): SavePathServer | SavePathFault {
  const question = text.indexOf('?');
  const address = question < 0 ? text : text.slice(0, question);
  if (!/^(?:(?:tcp|tls|ssl|unix):\/\/)?[^\s?]+$/.test(address) || /^https?:/.test(address)) {
    return { fault: 'session.save_path names something that is no tcp://, tls:// or unix:// address' };
  }
  const query = new URLSearchParams(question < 0 ? '' : text.slice(question + 1));
  const weight = Number(query.get('weight') ?? 1);
  const database = Number(query.get('database') ?? 0);
  if (!Number.isInteger(weight) || weight < 1) return { fault: `weight of ${address} is no whole number above zero` };
  if (!Number.isInteger(database) || database < 0) return { fault: `database of ${address} is no whole number` };
  const hasAuth = [...query.keys()].some((name) => name === 'auth' || name.startsWith('auth['));
  return { address, weight, database, prefix: query.get('prefix'), hasAuth };
}
