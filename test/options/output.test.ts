import { describe, expect, it } from 'vitest';
import { optionsOfLine, type RawOptions } from '../support/options.js';

const metricsOf = (raw: RawOptions) => optionsOfLine({ to: 'redis://h', ...raw }).metrics;

describe('the address of the metrics', () => {
  it.each([
    ['127.0.0.1:9188', '127.0.0.1', 9188],
    ['9188', '127.0.0.1', 9188],
    [':9188', '127.0.0.1', 9188],
    ['localhost:1', 'localhost', 1],
    ['[::1]:9188', '::1', 9188],
    ['0.0.0.0:65535', '0.0.0.0', 65_535],
    ['metrics.internal:9188', 'metrics.internal', 9188],
  ])('%s is %s, port %i: loopback unless another is named', (text, host, port) => {
    expect(metricsOf({ 'metrics-listen': text }).listen).toEqual({ host, port });
  });

  it.each(['', '127.0.0.1', '0', '65536', 'a b:1', '::1:9188', '[::g]:1', '1.2.3:80', '1.2.3.256:80', 'http://h:1'])(
    'is refused with an example where it is none: %j',
    (text) => {
      expect(() => metricsOf({ 'metrics-listen': text })).toThrow(
        /--metrics-listen is ".*": write address:port, as in/,
      );
    },
  );

  it('and the file are null unless named', () => {
    expect(metricsOf({})).toEqual({ file: null, listen: null });
    expect(metricsOf({ 'metrics-file': '/m.prom' })).toEqual({ file: '/m.prom', listen: null });
    expect(() => metricsOf({ 'metrics-file': '' })).toThrow('--metrics-file is ""');
  });
});
