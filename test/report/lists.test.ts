import fs, { lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { EXIT } from '../../src/errors.js';
import type { RejectNote } from '../../src/intake/take-file.js';
import { RejectList, rejectRecord } from '../../src/report/lists.js';
import { systemError } from '../support/system-errors.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const root = temporaryDirectory();
const note: RejectNote = {
  source: 0,
  path: 'ab/abcdefgh*',
  fingerprint: '0123456789ab',
  outcome: 'malformed',
  reason: 'a comma or } is missing',
  offset: 12,
};
const record = {
  type: 'reject',
  path: '/store/ab/abcdefgh*',
  fingerprint: '0123456789ab',
  outcome: 'malformed',
  reason: 'a comma or } is missing',
  offset: 12,
};

const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

describe('the list of rejects', () => {
  it('holds an object per line, in a directory and a file for the owner only', () => {
    const list = new RejectList(`${root}/new/state`, ['/store']);
    list.add(note);
    list.add({ ...note, path: 'new\nline', offset: -1 });
    list.close();
    expect(list.path).toBe(`${root}/new/state/rejects.jsonl`);
    const { offset: _, ...withoutOffset } = record;
    expect(linesOf(list.path)).toEqual([record, { ...withoutOffset, path: '/store/new\nline' }]);
    expect(statSync(list.path).mode & 0o777).toBe(0o600);
    expect(statSync(`${root}/new/state`).mode & 0o777).toBe(0o700);
  });

  it('has each reject in it as soon as it is added', () => {
    const list = new RejectList(`${root}/early`, ['/store']);
    list.add(note);
    expect(linesOf(list.path)).toEqual([record]);
    list.close();
  });

  it('begins anew with each run', () => {
    for (let run = 0; run < 2; run++) {
      const list = new RejectList(`${root}/again`, ['/store']);
      list.add(note);
      list.close();
      expect(linesOf(list.path)).toHaveLength(1);
    }
  });

  it('fails before anything is done where it cannot be written, and says what to do', () => {
    writeFileSync(`${root}/file`, '');
    const open = () => new RejectList(`${root}/file/state`, ['/store']);
    expect(open).toThrow(expect.objectContaining({ name: 'OperatorError', exitCode: EXIT.permission }));
    expect(open).toThrow(/file\/state cannot be written \(ENOTDIR\): name another by --state-dir/);
  });

  it('is not written through a link, and takes none away', () => {
    writeFileSync(`${root}/elsewhere`, 'precious');
    for (const [i, to] of [`${root}/elsewhere`, `${root}/nowhere`, '/dev/full'].entries()) {
      const state = `${root}/linked/${i}`;
      mkdirSync(state, { recursive: true, mode: 0o700 });
      symlinkSync(to, `${state}/rejects.jsonl`);
      const open = () => new RejectList(state, ['/store']);
      expect(open).toThrow(expect.objectContaining({ name: 'OperatorError', exitCode: EXIT.permission }));
      expect(open).toThrow(/rejects\.jsonl is a link, .*: remove it, or name another by --state-dir/);
      expect(lstatSync(`${state}/rejects.jsonl`).isSymbolicLink()).toBe(true);
    }
    expect(readFileSync(`${root}/elsewhere`, 'utf8')).toBe('precious');
  });

  it.each([
    ['EROFS', 'remount it read-write', EXIT.temporary],
    ['EIO', 'check the disk', EXIT.temporary],
    ['EDQUOT', 'make room within the quota', EXIT.temporary],
    ['ENOSPC', 'make room', EXIT.temporary],
    ['EACCES', 'check who may use it', EXIT.permission],
  ])('that says %s when it is written or closed has a remedy for it', (code, remedy, exitCode) => {
    const list = new RejectList(`${root}/broken`, ['/store']);
    const sentence = expect.objectContaining({
      exitCode,
      message: expect.stringMatching(
        new RegExp(`rejects\\.jsonl cannot be written \\(${code}\\): ${remedy} and run again$`),
      ),
    });
    for (const [call, act] of [
      ['writeFileSync', () => list.add(note)],
      ['closeSync', () => list.close()],
    ] as const) {
      const spy = vi.spyOn(fs, call).mockImplementationOnce(() => {
        throw systemError(code, call);
      });
      expect(act).toThrow(sentence);
      spy.mockRestore();
    }
    list.close();
  });

  it('says of a reject what --json says', () => {
    expect(rejectRecord(note, ['/store'])).toEqual(record);
  });
});
