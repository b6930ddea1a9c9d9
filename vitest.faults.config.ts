import { defineConfig } from 'vitest/config';
import './scripts/project-path.mjs';

/** The whole fault suite: real servers and links on which everything goes wrong (`npm run test:faults`). */
export default defineConfig({
  test: {
    include: ['test/faults/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
});
