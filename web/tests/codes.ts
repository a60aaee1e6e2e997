/** Reads QR codes from the page, as a camera at the door would. */

import type { Page } from '@playwright/test'
import { createRequire } from 'node:module'

// A CommonJS module, whose types hide that it is a function.
const read = createRequire(import.meta.url)('jsqr') as ReadCode
type ReadCode = (pixels: Uint8ClampedArray, width: number, height: number) => { data: string } | null

interface Picture {
  readonly pixels: number[]
  readonly side: number
}

/** What the codes on the page say, in order; undefined for one that cannot be read. */
export async function readCodes(page: Page): Promise<(string | undefined)[]> {
  const codes = await page.getByRole('img', { name: /^QR code/ }).all()
  const pictures = await Promise.all(codes.map((code) => code.evaluate(draw)))
  return pictures.map(({ pixels, side }) => read(Uint8ClampedArray.from(pixels), side, side)?.data)
}

/** Runs in the browser: the SVG as pixels. Its colours come from the page's style and are written into the copy. */
async function draw(code: SVGElement | HTMLElement): Promise<Picture> {
  const side = 300
  const copy = code.cloneNode(true) as SVGElement
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  copy.setAttribute('width', String(side))
  copy.setAttribute('height', String(side))
  const shapes = [...code.children].map((shape) => getComputedStyle(shape).fill)
  shapes.forEach((fill, index) => copy.children[index]?.setAttribute('fill', fill))
  const image = new Image(side, side)
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`
  await image.decode()
  const canvas = new OffscreenCanvas(side, side)
  const brush = canvas.getContext('2d')!
  brush.drawImage(image, 0, 0, side, side)
  return { pixels: [...brush.getImageData(0, 0, side, side).data], side }
}
