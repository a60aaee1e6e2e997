import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  test: {
    include: ['src/**/*.test.ts'],
    // Far from Greenwich, so that a date read in the wrong zone becomes another date.
    env: { TZ: 'America/Los_Angeles' },
  },
})
