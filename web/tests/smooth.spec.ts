/** With 10,000 events, and an event of 500 dates, nothing holds the page up: no task and no pause that people notice. */

import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { daysAhead } from './shop.ts'
import { watchSmoothness, type Smoothness } from './smoothness.ts'
import { expect, test } from './page.ts'

const EVENTS = 10_000
const DATES = 500
/** A busy machine stretches everything; drawing 10,000 rows at once would take many times as long. */
const TASK_MS_MAX = 500
const GAP_MS_MAX = 1_000
const ANSWER_MS_MAX = 2_000
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

function expectSmooth(what: string, { longestTaskMs, longestGapMs, frames }: Smoothness): void {
  console.log(`measured: ${what}: longest task ${longestTaskMs} ms, longest gap of ${frames} frames ${longestGapMs} ms`)
  expect(frames, 'frames were drawn').toBeGreaterThan(0)
  expect(longestTaskMs, 'longest task').toBeLessThan(TASK_MS_MAX)
  expect(longestGapMs, 'longest gap between frames').toBeLessThan(GAP_MS_MAX)
}

test('a list of 10,000 events is searched and gone through without a hitch', async ({ page, service, shop }) => {
  await shop.open()
  execFileSync(process.env['PYTHON']!, ['-m', 'tests.browser.crowd', String(EVENTS)], { cwd: ROOT })
  await page.goto(`${service.url}/`)
  const cards = page.getByRole('article')
  await expect(cards.first()).toBeVisible()
  const seen = await watchSmoothness(page)
  const pages = page.getByRole('navigation', { name: 'Pages of events' })
  for (let number = 2; number <= 12; number++) {
    const asked = Date.now()
    await pages.getByRole('link', { name: 'Next' }).click()
    await expect(pages).toContainText(`Page ${number}`)
    await expect(page.locator('.older')).toHaveCount(0)
    expect(Date.now() - asked, `page ${number}`).toBeLessThan(ANSWER_MS_MAX)
  }
  await page.getByRole('searchbox').pressSequentially('crowd 07', { delay: 30 })
  await expect(cards.first()).toContainText('Crowd 07')
  await page.getByRole('searchbox').fill('Crowd 09876')
  await expect(cards).toHaveCount(1)
  expectSmooth('10,000 events', await seen())
})

test('an event of 500 dates is gone through and renewed without a hitch', async ({ page, shop }) => {
  const dates = Array.from({ length: DATES }, (_, day) => ({ date: daysAhead(2 + day), startTime: '20:00' }))
  const event = await shop.open({ dates, maxTickets: 100, types: { Normal: 90, Discount: 20 } })
  await page.goto(`/event/${event.id}`)
  const rows = page.getByRole('article')
  await expect(rows).toHaveCount(20)
  const seen = await watchSmoothness(page)
  const pages = page.getByRole('navigation', { name: 'Pages of dates' })
  for (let number = 2; number <= DATES / 20; number++) {
    await pages.getByRole('link', { name: 'Next' }).click()
    await expect(rows.first().locator('time').first()).toHaveAttribute('datetime', daysAhead(2 + 20 * (number - 1)))
  }
  await expect(pages.getByRole('link', { name: 'Next' })).toHaveCount(0)
  await shop.hold({ ...event, date: dates.at(-1)!.date }, [{ tickettypeId: event.types['Normal']!, quantity: 7 }])
  await expect(rows.last()).toContainText('93 of 100 left')
  expectSmooth('500 dates', await seen())
})

test('control: a page that is held up is found', async ({ page }) => {
  await page.goto('/')
  await expect(page.getByRole('searchbox')).toBeVisible()
  const seen = await watchSmoothness(page)
  // By a task of the page's own: what a test evaluates is none.
  await page.evaluate((heldUpMs) => {
    setTimeout(() => {
      const until = performance.now() + heldUpMs
      while (performance.now() < until);
    })
  }, GAP_MS_MAX + TASK_MS_MAX)
  // A task is told of once it is over.
  await expect.poll(async () => (await seen()).longestTaskMs).toBeGreaterThan(TASK_MS_MAX)
  expect((await seen()).longestGapMs).toBeGreaterThanOrEqual(GAP_MS_MAX)
})
