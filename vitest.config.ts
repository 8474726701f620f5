import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/** Component tests ask for their DOM themselves: `// @vitest-environment happy-dom` on the first line. */
export default defineConfig({
  plugins: [vue()],
  test: {
    environment: 'node',
    // Limits against hanging, not measurements: a busy machine must not fail a test.
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // A failure tells the list it found, not "[ Array(1) ]": where tests run for others, the message is all there is.
    chaiConfig: { truncateThreshold: 2_000 },
    include: [
      'test/*.test.ts',
      'test/unit/**/*.test.ts',
      'test/contract/**/*.test.ts',
      'test/fake-dockerd/**/*.test.ts',
      'test/real/**/*.test.ts',
      'test/pack/**/*.test.ts',
      'test/fuzz/**/*.test.ts',
      'test/chaos/**/*.test.ts',
      'test/soak/**/*.test.ts',
    ],
  },
})
