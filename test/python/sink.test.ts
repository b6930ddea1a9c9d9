import { describe, expect, it } from 'vitest';
import { ByteSink, mostEncoded, SinkFull } from '../../src/python/sink.js';

describe('a byte sink', () => {
  it('grows with what is appended, and keeps what was there', () => {
    const sink = new ByteSink(2, 1000);
    sink.byte(0x61);
    sink.latin1('b\xff');
    sink.bytes(Buffer.from('xcdx'), 1, 3);
    sink.bytes(Buffer.from('e'));
    sink.latin1('f'.repeat(500));
    expect(sink.view().toString('latin1')).toBe(`ab\xffcde${'f'.repeat(500)}`);
  });

  it('takes exactly its cap, and not a byte more', () => {
    for (const initial of [1, 10, 100]) {
      const sink = new ByteSink(initial, 10);
      sink.latin1('0123456789');
      expect(() => sink.byte(0x61)).toThrow(SinkFull);
      expect(sink.view().toString()).toBe('0123456789');
    }
  });

  it('takes no more for a small file, whatever room a large one has left', () => {
    const sink = new ByteSink(1, 1000);
    sink.latin1('x'.repeat(1000));
    sink.length = 0;
    sink.maxBytes = 10;
    sink.latin1('0123456789');
    expect(() => sink.byte(0x61)).toThrow(SinkFull);
  });

  it('has a bound by the size of the file', () => {
    const most = 2 ** 20;
    expect(mostEncoded(most, most)).toBe(4 * most);
    expect(mostEncoded(8192, most)).toBeLessThan(most / 2);
    expect(mostEncoded(300, most)).toBeGreaterThan(100 * 300);
  });

  it('drops what came after a mark', () => {
    const sink = new ByteSink(4, 100);
    sink.latin1('keep');
    const mark = sink.length;
    sink.latin1('drop');
    sink.length = mark;
    sink.latin1('!');
    expect(sink.view().toString()).toBe('keep!');
  });
});
