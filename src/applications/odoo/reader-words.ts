import type { ReaderWords } from '../application.js';
import type { OdooSettings } from './odoo.js';
import { keyTemplateOf } from './profile.js';
import type { OdooReader } from './reader.js';
import { sidLength } from './sid-kinds.js';

/**
 * The words for the reader itself.
 * @param given options of the generic reader that the operator gave
 */
export function moduleWords({ profile, settled, settings, key }: OdooReader, given: readonly string[]): ReaderWords {
  const { prefix } = settled.named;
  const words = [sidsWord(settings.odoo), `--profile=${profile.name}`, ...given];
  return { words: prefix === '' ? words : [...words, `--prefix=${prefix}`], key };
}

/** The words for the same reader under another prefix, or for the generic one if its keys have no place for any. */
export function prefixedModuleWords(
  { profile, settings }: OdooReader,
  given: readonly string[],
  prefix: string,
  lifetimeMs: number,
): ReaderWords {
  const seconds = `${Math.round(lifetimeMs / 1000)}s`;
  const shared = [sidsWord(settings.odoo), `--lifetime=${seconds}`, `--anonymous-lifetime=${seconds}`];
  const key = keyTemplateOf(profile, prefix);
  if (key.before.includes(prefix)) {
    return { words: [...shared, `--profile=${profile.name}`, ...given, `--prefix=${prefix}`], key };
  }
  const encoding = profile.encoding === 'c2c-json' ? 'json' : profile.encoding;
  return {
    words: [...shared, '--profile=generic', `--key-template=${prefix}:{sid}`, `--encoding=${encoding}`],
    key: { before: `${prefix}:`, after: '' },
  };
}

function sidsWord({ sids }: OdooSettings): string {
  return `--sids=${sids.map(sidLength).join(',')}`;
}
