import { defineConfig } from '@hey-api/openapi-ts'

// Where else to write is said by scripts/check-generated.ts.
export default defineConfig({
  input: './openapi.json',
  output: { path: process.env['GENERATED_PATH'] ?? './src/api', clean: true },
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', { name: '@hey-api/sdk' }],
})
