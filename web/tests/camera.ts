/**
 * Takes pictures of the page: each view in light and dark, on a phone and on a wide screen, into the folder PICTURES.
 * Those that the documents show are made into small files of docs/pictures besides.
 */

import type { Locator, Page } from '@playwright/test'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const SCREENS = { phone: { width: 390, height: 844 }, wide: { width: 1280, height: 800 } } as const
const SCHEMES = ['light', 'dark'] as const
/** About as wide as documents are shown. */
const SHOWN_WIDTH = 1000
/** So many pixels are left above a part. */
const ABOVE = 40
const WEBP_QUALITY = 0.85
const SHOWN_FOLDER = fileURLToPath(new URL('../../docs/pictures', import.meta.url))

interface Framing {
  readonly height: number
  readonly colorScheme: 'light' | 'dark'
  /** From the top of the view on, where no part is named. */
  readonly from?: Locator
}

/** Take the view as it is now on each kind of screen. It is left wide and light. */
export async function take(page: Page, name: string): Promise<void> {
  // What a question covers is the screen, not the whole page.
  const asked = await page.getByRole('dialog').isVisible()
  for (const [screen, size] of Object.entries(SCREENS)) {
    await page.setViewportSize(size)
    for (const colorScheme of SCHEMES.toReversed()) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await photograph(page, `${name}-${screen}-${colorScheme}`, !asked)
    }
  }
}

/** Take the view for the documents, from one of its parts on. */
export async function show(page: Page, name: string, { height, colorScheme, from }: Framing): Promise<void> {
  await page.setViewportSize({ width: SHOWN_WIDTH, height })
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  await from?.evaluate((part, above) => {
    part.scrollIntoView()
    scrollBy(0, -above)
  }, ABOVE)
  const picture = await photograph(page, `shown-${name}`, false)
  await mkdir(SHOWN_FOLDER, { recursive: true })
  await writeFile(path.join(SHOWN_FOLDER, `${name}.webp`), await compress(page, picture))
  await page.setViewportSize(SCREENS.wide)
}

function photograph(page: Page, name: string, fullPage: boolean): Promise<Buffer> {
  const folder = process.env['PICTURES']
  if (folder === undefined) throw new Error('PICTURES is not set: pictures are taken by `make screenshots`')
  return page.screenshot({ path: path.join(folder, `${name}.png`), fullPage, animations: 'disabled' })
}

/** The picture as WebP, which the browser can make: about half as large. */
async function compress(page: Page, png: Buffer): Promise<Buffer> {
  const compressed = await page.evaluate(async ({ bytes, quality }) => {
    const picture = await createImageBitmap(new Blob([Uint8Array.from(bytes)], { type: 'image/png' }))
    const canvas = new OffscreenCanvas(picture.width, picture.height)
    canvas.getContext('2d')!.drawImage(picture, 0, 0)
    const webp = await canvas.convertToBlob({ type: 'image/webp', quality })
    return [...new Uint8Array(await webp.arrayBuffer())]
  }, { bytes: [...png], quality: WEBP_QUALITY })
  return Buffer.from(compressed)
}
