import { defineConfig } from 'vitest/config';
import './scripts/project-path.mjs';

/** What takes its time for the many runs of the program that it starts (`npm run test:slow`); CI runs it as well. */
export default defineConfig({
  test: {
    include: ['test/**/*.slow.test.ts'],
    maxWorkers: 2,
    testTimeout: 400_000,
    hookTimeout: 120_000,
  },
});
