/** Every state of the views behind the counter: axe finds nothing in light and dark, and Tab reaches every control. */

import type { Page } from '@playwright/test'
import { asAdmin, behind } from './admin.ts'
import { expect, expectNoBarriers, test, unreached } from './page.ts'

async function expectUsableByAll(page: Page): Promise<void> {
  await expectNoBarriers(page)
  expect(await unreached(page), 'controls that Tab does not reach, or that do not show the focus').toEqual([])
}

async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

test('signing in', async ({ page, guard }) => {
  guard.expect('GET /admin/ticket-types: 401', 'the token is wrong')
  await page.goto('/manage')
  await page.getByLabel('Admin token').fill('not-the-token-of-this-service')
  await expectUsableByAll(page)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByText('The service does not know this token.')).toBeVisible()
  await expectUsableByAll(page)
})

test('managing: the overview, and making an event', async ({ page, shop }) => {
  await shop.open({ types: { Normal: 10, Discount: null } })
  await asAdmin(page)
  await page.goto('/manage')
  await expect(page.getByRole('link', { name: /next on/ }).first()).toBeVisible()
  await expectUsableByAll(page)
  await page.goto('/manage?make')
  await page.getByRole('checkbox', { name: 'Normal', exact: true }).check()
  await page.getByLabel('First date').fill('2031-03-04')
  await expect(page.getByText('This makes 10 dates')).toBeVisible()
  await page.getByRole('button', { name: 'Make the event' }).click()
  await expect(page.getByText('An event needs a name.')).toBeVisible()
  await expectUsableByAll(page)
  await page.getByText('One by one').click()
  await page.getByRole('button', { name: 'One more date' }).click()
  await expectUsableByAll(page)
})

test('managing an event, with a refusal and an audit', async ({ page, shop, guard }) => {
  guard.expect(/PATCH \/admin\/events\/\d+: 409/, 'more is sold than the new limit')
  const event = await shop.open({ types: { Normal: 10, Discount: null } })
  await shop.hold(event, [{ tickettypeId: event.types['Normal']!, quantity: 4 }])
  await asAdmin(page)
  await page.goto(`/manage/event/${event.id}`)
  await page.getByLabel('Limit of Normal').fill('3')
  await page.getByRole('button', { name: 'Change it' }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await page.getByRole('button', { name: 'Recount' }).click()
  await expect(page.getByText('The audit finds everything right')).toBeVisible()
  await expectUsableByAll(page)
})

test('reservations, none and some', async ({ page, shop }) => {
  const event = await shop.open()
  await asAdmin(page)
  await page.goto(behind('manage/event', event))
  await expect(page.getByText('Nobody has reserved anything')).toBeVisible()
  await expectUsableByAll(page)
  await shop.pay(await shop.hold(event, [{ tickettypeId: event.types['Normal']!, quantity: 1 }]))
  await shop.hold(event, [{ tickettypeId: event.types['Normal']!, quantity: 2 }])
  await expect(page.getByRole('link', { name: /^Reservation / })).toHaveCount(2)
  await expectUsableByAll(page)
})

test.describe('with two processes', () => {
  test.use({ settings: { WORKERS: '2' } })

  test('shards, exhausted and not, with their tables', async ({ page, shop }) => {
    const event = await shop.open({ maxTickets: 40, shards: 20, types: { Normal: 6, Guest: null } })
    await asAdmin(page)
    await page.goto(behind('shards', event))
    await expect(page.getByRole('region', { name: 'Shards of Total' })).toBeVisible()
    const line = [{ tickettypeId: event.types['Normal']!, quantity: 6 }]
    await shop.hold(event, line)
    await shop.hold(event, line).catch(() => null)
    await expect(page.getByRole('region', { name: 'Shards of Normal' })).toContainText('exhausted')
    await page.getByText('The same as a table').first().click()
    await expectUsableByAll(page)
  })
})

test('a rush: before, while it runs, and its verdict', async ({ page, shop }) => {
  const event = await shop.open({ maxTickets: 9_000, types: { Normal: null, Discount: null } })
  await asAdmin(page)
  await page.goto(behind('rush', event))
  await page.getByLabel('Buyers', { exact: true }).fill('0')
  await expect(page.getByText('This must be from 1 to 20,000.')).toBeVisible()
  await expectUsableByAll(page)
  await page.getByLabel('Buyers', { exact: true }).fill('20000')
  await page.getByLabel('Pay, of 100 who hold').fill('1')
  await page.getByLabel('Let go, of 100 who hold').fill('99')
  await page.getByRole('button', { name: 'Send the buyers' }).click()
  await expect(page.getByRole('region', { name: 'The outcomes' })).toContainText('p99')
  await expectNoBarriers(page)
  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(page.getByText('The audit finds everything right')).toBeVisible({ timeout: 120_000 })
  await expectUsableByAll(page)
})

test('at 320 pixels nothing is cut off', async ({ page, shop }) => {
  const event = await shop.open({ shards: 70, types: { Normal: 60, Discount: null } })
  await shop.hold(event, [{ tickettypeId: event.types['Normal']!, quantity: 2 }])
  await asAdmin(page)
  await page.setViewportSize({ width: 320, height: 640 })
  const seen: readonly [string, string][] = [
    ['/manage', 'Ticket types'],
    ['/manage?make', 'What is sold'],
    [`/manage/event/${event.id}`, 'Add dates'],
    [behind('manage/event', event), 'Reservations'],
    [behind('shards', event), 'Holds per second'],
    [behind('rush', event), 'The buyers'],
  ]
  for (const [address, heading] of seen) {
    await page.goto(address)
    await expect(page.getByRole('heading', { name: heading, exact: true })).toBeVisible()
    await page.waitForLoadState('networkidle')
    await expect(page.getByRole('status').filter({ hasText: 'Loading' })).toHaveCount(0)
    expect(await overflow(page), address).toBe(0)
  }
})
