/** Pictures of what those see who run the sale: the shards, a rush, and the events they manage. */

import type { Locator, Page } from '@playwright/test'
import process from 'node:process'
import { asAdmin, behind } from './admin.ts'
import { show, take } from './camera.ts'
import { expect, test } from './page.ts'
import { sell } from './season.ts'
import { daysAhead } from './shop.ts'

const RUSH_MS_MAX = 90_000
/** Apart from the service that the other pictures share: it would own shards and sell nothing from them. */
const OTHER_REDIS = (process.env['REDIS_URL'] ?? '').replace(/0$/, '1')

// Somebody who is not signed in is shown, too; the stories judge what is refused.
test.use({ judged: false })

/** Go there, and wait until nothing is loading any more. */
async function settled(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(page.getByText(/^Loading/)).toHaveCount(0)
}

function totalOf(page: Page): Locator {
  return page.getByRole('region', { name: 'Shards of Total', exact: true })
}

test('managing', async ({ page, shop }) => {
  const event = await shop.open({ name: 'Open air in the park', maxTickets: 300, types: { Normal: 250, Discount: 80 } })
  await sell(shop, event, 'Normal', 120)
  for (const quantity of [1, 2, 4]) await shop.hold(event, [{ tickettypeId: event.types['Discount']!, quantity }])
  await settled(page, '/manage')
  await take(page, 'manage-signed-out')
  await asAdmin(page)
  await settled(page, '/manage')
  await take(page, 'manage')
  await settled(page, '/manage?make')
  await page.getByLabel('Name', { exact: true }).first().fill('Winter songs')
  await page.getByLabel('First date').fill(daysAhead(14))
  await page.getByRole('checkbox', { name: 'Normal' }).check()
  await expect(page.getByText('Working out the dates')).toHaveCount(0)
  await take(page, 'manage-new')
  await settled(page, `/manage/event/${event.id}`)
  await take(page, 'manage-event')
  await settled(page, behind('manage/event', event))
  await take(page, 'manage-date')
})

test.describe('with two processes', () => {
  test.use({ settings: { WORKERS: '2', BOXOFFICE_HOLD_SECONDS: '6', REDIS_URL: OTHER_REDIS } })

  test('a rush', async ({ page, context, shop }) => {
    const types = { Normal: null, Discount: 900, VIP: 300 }
    const event = await shop.open({ name: 'Harbour Stadium: the final', maxTickets: 2_400, types, shards: 24 })
    const beside = await context.newPage()
    await asAdmin(page)
    await asAdmin(beside)
    await settled(beside, behind('shards', event))
    await take(beside, 'shards')
    await settled(page, behind('rush', event))
    await page.getByLabel('Buyers', { exact: true }).fill('1300')
    await page.getByLabel('Requests at once, at most').fill('5')
    await take(page, 'rush')
    await page.getByRole('button', { name: 'Send the buyers' }).click()
    await expect(totalOf(page)).toContainText(/(9\d\d|1,\d\d\d)\s*of 2,400 taken/, { timeout: RUSH_MS_MAX })
    await show(page, 'rush', { height: 900, colorScheme: 'dark', from: page.getByRole('heading', { name: 'The buyers' }) })
    await take(beside, 'shards-rush')
    await take(page, 'rush-running')
    await expect(page.getByRole('heading', { name: 'The verdict' })).toBeVisible({ timeout: RUSH_MS_MAX })
    await expect(page.getByText('The database is being recounted')).toHaveCount(0)
    await take(page, 'rush-over')
  })

  test('200 shards', async ({ page, shop }) => {
    const event = await shop.open({ name: 'Two hundred shards', maxTickets: 4_000, shards: 200 })
    await sell(shop, event, 'Normal', 700)
    await asAdmin(page)
    await settled(page, behind('shards', event))
    await expect(totalOf(page)).toContainText(/700\s*of 4,000 taken/)
    await take(page, 'shards-200')
  })
})
