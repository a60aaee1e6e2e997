import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { precompress } from './scripts/precompress.ts'

/** What the service answers itself; `npm run dev` passes it on. No address of the page begins so. */
const SERVICE_PATHS = [
  '/events',
  '/reservation',
  '/admin',
  '/docs',
  '/problems',
  '/health',
  '/metrics',
  '/openapi.json',
]
const service = process.env['BOXOFFICE_URL'] ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [vue(), precompress()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    // Browsers that know light-dark() in CSS: from then on a colour is written once for light and dark.
    target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    // Every file is a file of its own: the Content-Security-Policy allows no inline script or style.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: Object.fromEntries(SERVICE_PATHS.map((path) => [path, service])) },
})
