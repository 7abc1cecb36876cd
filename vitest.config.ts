import { defineConfig } from 'vitest/config';

/** Deadlines are generous on purpose: tests wait for conditions, speed is judged in bench/ only. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 20_000 } },
      { test: { name: 'model', include: ['test/model/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 30_000 } },
      { test: { name: 'long', include: ['test/long/**/*.test.ts'], testTimeout: 900_000, hookTimeout: 30_000 } },
    ],
  },
});
