/** Measurements and goals become the rows of the design's table. No measuring here, so that it can be read alone. */

/**
 * `taken` maps a measurement's name to its runs, `{seconds, sessions, peakRssBytes, summary}` each, and `latency` to its
 * milliseconds; `unavailable` maps a name to why it could not be taken.
 */
export function tableRows(goals, taken, unavailable) {
  return goals.map((row) => {
    const reason = [row.ours, row.peer].map((name) => unavailable.get(name)).find(Boolean);
    if (reason) return { ...row, verdict: `skipped: ${reason}` };
    return { ...row, ...judge[row.kind](row, taken) };
  });
}

const judge = {
  ratio(row, taken) {
    const ours = speed(taken.get(row.ours));
    const peer = speed(taken.get(row.peer));
    const atMost = row.sense === 'at most';
    const ratio = atMost ? ours.seconds / peer.seconds : peer.seconds / ours.seconds;
    const meets = (bound) => (atMost ? ratio <= bound : ratio >= bound);
    return { ratio, shown: [ours.text, peer.text, times(ratio)], verdict: verdict(row, meets) };
  },
  memory(row, taken) {
    const runs = taken.get(row.ours);
    const seen = peakOf(runs);
    const reported = median(runs.map((run) => run.summary.peakRssBytes));
    const ours = `${megabytes(seen)} for ${count(runs[0].sessions)} files (own report ${megabytes(reported)})`;
    return { ratio: seen, shown: [ours, '-', '-'], verdict: verdict(row, (bound) => seen <= bound) };
  },
  growth(row, taken) {
    const [large, small] = [taken.get(row.ours), taken.get(row.peer)];
    const growth = peakOf(large) / peakOf(small) - 1;
    const sides = [large, small].map((runs) => `${megabytes(peakOf(runs))} for ${count(runs[0].sessions)} files`);
    return { ratio: growth, shown: [...sides, percent(growth)], verdict: verdict(row, (bound) => growth <= bound) };
  },
  latency(row, taken) {
    const { idle, governed } = taken.get(row.ours);
    const added = governed.p99 - idle.p99;
    const shown = [
      `${milliseconds(governed.p99)} under load`,
      `${milliseconds(idle.p99)} idle`,
      `+${milliseconds(added)}`,
    ];
    return { ratio: added, shown, verdict: verdict(row, (bound) => added <= bound) };
  },
};

const boundText = {
  ratio: (row, bound) =>
    row.sense === 'at most' ? `<= ${bound < 2 && bound % 1 ? bound : bound.toFixed(1)}x` : `>= ${bound}x faster`,
  memory: (_, bound) => `<= ${megabytes(bound)}`,
  growth: (_, bound) => `<= ${percent(bound)}`,
  latency: (_, bound) => `<= ${bound} ms`,
};

export function markdown(rows) {
  const body = rows.map((row) => {
    const bounds = [row.first, row.goal].map((bound) => boundText[row.kind](row, bound));
    return [row.measure, ...(row.shown ?? ['-', '-', '-']), ...bounds, row.verdict];
  });
  return markdownTable(['measure', 'sess2redis', 'peer', 'ratio', 'first', 'goal', 'verdict'], body);
}

export function markdownTable(head, body) {
  return [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function verdict(row, meets) {
  if (meets(row.goal)) return 'goal reached';
  return meets(row.first) ? 'first reached' : '**missed**';
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function speed(runs) {
  const seconds = median(runs.map((run) => run.seconds));
  const rate = runs[0].sessions / seconds / 1000;
  return { seconds, text: `${seconds.toFixed(2)} s, ${rate.toFixed(rate < 10 ? 1 : 0)} k/s` };
}

function peakOf(runs) {
  return median(runs.map((run) => run.peakRssBytes));
}

/** 1M, 200k, 12,345: as on the command line where that loses nothing. */
export function count(sessions) {
  if (sessions % 1e5 === 0 && sessions >= 1e6) return `${sessions / 1e6}M`;
  return sessions % 1000 === 0 ? `${sessions / 1000}k` : String(sessions);
}

const times = (ratio) => `${ratio.toFixed(ratio < 10 ? 2 : 1)}x`;
const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;
const percent = (part) => `${(part * 100).toFixed(part * 100 === Math.round(part * 100) ? 0 : 1)} %`;
export const milliseconds = (ms) => `${ms.toFixed(2)} ms`;
