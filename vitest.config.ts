import { defineConfig } from 'vitest/config';
import './scripts/project-path.mjs';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // These take their time: npm run test:slow, npm run test:faults.
    exclude: ['test/**/*.slow.test.ts', 'test/faults/**'],
    maxWorkers: 2,
    testTimeout: 240_000,
    hookTimeout: 120_000,
  },
});
