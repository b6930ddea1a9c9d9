import { describe, expect, it } from 'vitest';
import { ProgressDisplay, type StatusEvent } from '../../src/report/progress-display.js';
import { Terminal } from '../../src/report/terminal.js';
import { progressOf } from '../support/progress-samples.js';

const ERASE_LINE = '\x1b[2K';

/** A stream that keeps what is written to it. */
class Sheet {
  readonly columns = 200;
  readonly rows = 30;
  text = '';
  constructor(readonly isTTY: boolean) {}
  write(text: string): boolean {
    this.text += text;
    return true;
  }
}

async function watching(isLive: boolean, isQuiet = false, isPrintedToTerminal = false) {
  const sheet = new Sheet(isLive);
  const terminal = await Terminal.open(sheet as unknown as NodeJS.WriteStream, isLive, isQuiet);
  const events: StatusEvent[] = [];
  const clock = { ms: 0 };
  const print = (event: StatusEvent) => events.push(event);
  const watch = new ProgressDisplay({ terminal, print, isPrintedToTerminal, now: () => clock.ms });
  const progress = progressOf({ written: 10, malformed: 2 });
  watch.start(progress);
  const until = (ms: number) => {
    for (; clock.ms < ms; clock.ms += 200) watch.tick();
    watch.tick();
  };
  return { sheet, terminal, events, watch, until, progress };
}

describe('a run that is watched', () => {
  it('has a line on a terminal at once, that is gone when it ends', async () => {
    const { sheet, watch } = await watching(true);
    expect(sheet.text).toContain('12 of 12+, 10 moved, 2 rejected');
    sheet.text = '';
    watch.stop();
    expect(sheet.text).toContain(ERASE_LINE);
    expect(sheet.text).not.toContain('12 of');
  });

  it('has a plain line every thirty seconds on a pipe, and none before', async () => {
    const { sheet, until, watch } = await watching(false);
    until(29_800);
    expect(sheet.text).toBe('');
    until(95_000);
    watch.stop();
    expect(sheet.text.split('\n').filter(Boolean)).toHaveLength(3);
    expect(sheet.text).toMatch(/^12 of 12\+, 10 moved, 2 rejected, 0 entries\/s, 4 lanes, full speed\n/);
    expect(sheet.text).not.toContain('\x1b');
  });

  it('says nothing when quiet is wanted', async () => {
    for (const isLive of [true, false]) {
      const { sheet, until, terminal } = await watching(isLive, true);
      until(61_000);
      terminal.say('not this');
      expect(sheet.text).toBe('');
      terminal.warn('but this');
      expect(sheet.text).toBe('but this\n');
    }
  });

  it('sends status events, one a second to a terminal and fewer to a pipe', async () => {
    const toTerminal = await watching(true, false, true);
    toTerminal.until(10_000);
    expect(toTerminal.events.length).toBe(10);
    const toPipe = await watching(false);
    toPipe.until(10_000);
    expect(toPipe.events.length).toBe(2);
    expect(toPipe.events[0]).toMatchObject({
      type: 'status',
      elapsedMs: 5000,
      listed: 12,
      listingComplete: false,
      done: 12,
      outcomes: { written: 10, malformed: 2 },
      moved: 10,
      kept: 0,
      skipped: 0,
      rejected: 2,
      lanes: 4,
      pace: '',
    });
    expect(toPipe.events[0]).not.toHaveProperty('etaMs');
  });

  it('tells a program of the ETA when there is one', async () => {
    const { events, until, progress } = await watching(false);
    progress.expected = 24;
    until(5_000);
    expect(events[0]).toMatchObject({ total: 24, etaMs: 5000 });
  });

  it('never has a line of the log in its own line', async () => {
    const { sheet, terminal, until } = await watching(true);
    until(1_000);
    sheet.text = '';
    terminal.print('{"level":40,"msg":"rejected"}');
    const [before, after] = sheet.text.split('{"level":40,"msg":"rejected"}\n') as [string, string];
    expect(before).toContain(ERASE_LINE);
    expect(after).toContain('12 of 12+');
  });

  it('is sampled for the report, to its very end', async () => {
    const { watch, until, progress } = await watching(false);
    until(2_000);
    progress.wait = { reason: 'memory' };
    watch.stop();
    const { samples } = watch.series;
    expect(samples.length).toBeGreaterThan(4);
    expect(samples.at(-1)).toMatchObject({ done: 12, moved: 10, rejected: 2, lanes: 4, isHeldBack: true });
    expect(samples.at(-1)?.rssBytes).toBeGreaterThan(10 * 2 ** 20);
  });
});
