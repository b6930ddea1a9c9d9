import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encoded, inspected, nameOf, written } from './reading.js';

const TEXT = readFileSync(new URL('../../docs/templates.md', import.meta.url), 'utf8');
const YAML = /```yaml\n(# phalcon\.yaml\n[\s\S]*?)```/.exec(TEXT)?.[1] as string;

/** A row of the table behind the template: what stands in its second cell as code. */
function row(title: string): string {
  const [, cell = ''] = new RegExp(`^\\| ${title} \\| \`(.*?)\``, 'm').exec(TEXT) ?? [];
  return cell.replaceAll('\\|', '|');
}

describe('the template of docs/templates.md', () => {
  const application = written(YAML, { 'file-prefix': 'shop_' });

  it('makes of the file that stands below it the key and the value that stand there', () => {
    const sid = nameOf(application, row('file')).replace('session ', '');
    expect(application.keyOf(sid)).toBe(row('key'));
    expect(inspected(application, Buffer.from(row('its bytes'))).verdict).toBe('whole');
    expect(encoded(application)).toBe(row('value'));
    expect(application.who()).toBe(row('who'));
    expect(application.expiryMs(0, 1)).toBe(Number(row('lives for')) * 1000);
    expect(application.reader.settings).toEqual([
      [
        'app/config/services.php',
        "new Phalcon\\Session\\Adapter\\Redis($factory, ['prefix' => 'sess-reds-', 'lifetime' => 3600]);",
      ],
    ]);
  });
});
