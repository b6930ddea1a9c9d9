import { mkdirSync, mkdtempSync, renameSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cli, type CliResult, type Summary } from './cli.js';
import type { Held, RedisServer } from './redis-server.js';
import { jsonText } from './store.js';

export const SESSION = 'session:';

/** A shop with a session directory, a Redis database and a state directory of its own, and an Odoo that saves as Odoo does. */
export class CutoverShop {
  readonly store: string;
  readonly stateDir: string;
  readonly cli: Cli;

  constructor(
    workspace: string,
    readonly redis: RedisServer,
    readonly db: number,
  ) {
    const home = mkdtempSync(join(workspace, 'shop-'));
    this.store = join(home, 'sessions');
    this.stateDir = join(home, 'state');
    this.cli = new Cli(join(home, 'home'));
    mkdirSync(this.store);
  }

  get words(): string[] {
    return [this.store, '--to', `${this.redis.url}?db=${this.db}`, '--state-dir', this.stateDir, '--lanes', '1'];
  }

  run(command: string, ...more: string[]): Promise<CliResult> {
    return this.cli.run([command, ...this.words, '--json', ...more]);
  }

  async summary(command: string, ...more: string[]): Promise<Summary & { deletes: Record<string, number> }> {
    return (await this.run(command, ...more)).summary as Summary & { deletes: Record<string, number> };
  }

  /** A temporary file in the root, renamed into its shard (odoo/http.py, FilesystemSessionStore.save). */
  save(sid: string, text = jsonText(1), ageSeconds = 60): void {
    this.#rename(text, join(this.store, sid.slice(0, 2)), sid, ageSeconds);
  }

  saveFlat(sid: string, text: string | Buffer, ageSeconds = 60): void {
    this.#rename(text, this.store, `werkzeug_${sid}.sess`, ageSeconds);
  }

  logOut(sid: string): void {
    unlinkSync(join(this.store, sid.slice(0, 2), sid));
  }

  /** Makes it look as if nothing happened in the store for an hour. */
  settle(...shards: string[]): void {
    const past = Date.now() / 1000 - 3600;
    for (const shard of shards) utimesSync(join(this.store, shard), past, past);
  }

  emptyStore(): void {
    rmSync(this.store, { recursive: true });
    mkdirSync(this.store);
  }

  contents(): Promise<Map<string, Held>> {
    return this.redis.contents(this.db);
  }

  async held(sid: string): Promise<string | undefined> {
    return (await this.contents()).get(SESSION + sid)?.value.toString();
  }

  async redisCall(...words: string[]): Promise<unknown> {
    const client = this.redis.client({ db: this.db });
    try {
      return await client.call(words[0] as string, ...words.slice(1));
    } finally {
      client.disconnect();
    }
  }

  #rename(text: string | Buffer, directory: string, name: string, ageSeconds: number): void {
    const temporary = join(this.store, `tmp${name.slice(0, 8)}.__wz_sess`);
    writeFileSync(temporary, text);
    const mtime = Date.now() / 1000 - ageSeconds;
    utimesSync(temporary, mtime, mtime);
    mkdirSync(directory, { recursive: true });
    renameSync(temporary, join(directory, name));
  }
}
