/** A straight line through measured points, by least squares. */
export interface Line {
  slope: number;
  intercept: number;
  /** Share of the variation that the line explains, 1 for points on it. */
  r2: number;
}

/** Null for less than two different x. Means are taken out first, so that large x lose no digits. */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): Line | null {
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (const [x, y] of points) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
    yy += (y - meanY) ** 2;
  }
  if (!(xx > 0)) return null;
  const slope = xy / xx;
  return { slope, intercept: meanY - slope * meanX, r2: yy === 0 ? 1 : xy ** 2 / (xx * yy) };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
