/** What the process tells a script. The numbers are a contract (README, "Exit codes"). */
export const EXIT = {
  complete: 0,
  unexpected: 1,
  usage: 2,
  rejects: 3,
  different: 4,
  temporary: 5,
  limit: 6,
  refused: 7,
  permission: 8,
  nothing: 9,
  stateInUse: 10,
  inconclusive: 12,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each code means, in words for the end of a run and for `--help`. */
export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'complete',
  1: 'unexpected error',
  2: 'usage: an option, a source or a URL is wrong',
  3: 'complete, but some files were rejected (they are listed)',
  4: 'verify found differences',
  5: 'temporary trouble: run the same line again',
  6: 'stopped by a limit you set',
  7: 'refused by the pre-flight, nothing written',
  8: 'authentication or permission',
  9: 'nothing to do (only with --fail-if-empty)',
  10: 'the state directory is in use, or belongs to another run',
  12: 'verify could not tell',
  129: 'hung up, progress kept',
  130: 'interrupted, progress kept',
  143: 'terminated, progress kept',
};

/** Codes of a run that a signal ended. */
export const BY_SIGNAL: readonly ExitCode[] = [EXIT.hungUp, EXIT.interrupted, EXIT.terminated];

/** The section that ends every `--help`: one line for all signals. */
export const EXIT_CODE_HELP = `Exit codes:\n${Object.entries(EXIT_MEANINGS)
  .filter(([code]) => code !== '129' && code !== '143')
  .map(
    ([code, meaning]) => `${code.padStart(5)}  ${meaning}${code === '130' ? ' (143 on SIGTERM, 129 on SIGHUP)' : ''}`,
  )
  .join('\n')}`;
