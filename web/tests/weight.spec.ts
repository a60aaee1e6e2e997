/** What a first visit costs, and how the page is sent. */

import { gzipSync } from 'node:zlib'
import { expect, test } from './page.ts'

const FIRST_LOAD_BYTES_MAX = 250 * 1024

test('a first visit loads at most 250 KB, compressed by gzip', async ({ page, shop }) => {
  await shop.open()
  const bodies: Promise<Buffer>[] = []
  page.on('response', (response) => bodies.push(response.body()))
  await page.goto('/')
  await expect(page.getByRole('article').first()).toBeVisible()
  await page.waitForLoadState('networkidle')
  const sizes = (await Promise.all(bodies)).map((body) => gzipSync(body).length)
  expect(sizes.length).toBeGreaterThan(3)
  const loaded = sizes.reduce((sum, size) => sum + size, 0)
  console.log(`measured: a first visit loads ${Math.round(loaded / 1024)} KB, compressed by gzip`)
  expect(loaded).toBeLessThanOrEqual(FIRST_LOAD_BYTES_MAX)
})

test('hashed files come compressed and are kept; the page itself is asked for again', async ({ page }) => {
  const sent = new Map<string, Record<string, string>>()
  page.on('response', async (response) => sent.set(new URL(response.url()).pathname, await response.allHeaders()))
  await page.goto('/')
  await page.waitForLoadState('networkidle')
  const assets = [...sent].filter(([path]) => path.startsWith('/assets/') && /\.(js|css)$/.test(path))
  expect(assets.length).toBeGreaterThan(1)
  for (const [path, headers] of assets) {
    expect(headers, path).toMatchObject({ 'cache-control': 'public, max-age=31536000, immutable' })
    expect(headers['content-encoding'], path).toMatch(/^(br|gzip)$/)
  }
  const index = sent.get('/')
  expect(index).toMatchObject({ 'cache-control': 'no-cache' })
  expect(index?.['content-security-policy']).toMatch(/default-src 'none'; script-src 'self'; style-src 'self'/)
})
