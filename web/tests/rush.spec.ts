/** A rush: every buyer is accounted for, what is said to be sold is sold, and a stop leaves nothing behind. */

import type { Page } from '@playwright/test'
import { asAdmin, behind } from './admin.ts'
import { daysAhead } from './shop.ts'
import { expect, tabTo, test } from './page.ts'
import { noneTaken, someTaken } from './taken.ts'

async function fill(page: Page, fields: Readonly<Record<string, number>>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(String(value))
}

/** More is for sale than all buyers want, so that a fast machine sells out as little as a slow one. */
const ONE_EACH = { 'Most tickets for each': 1 }
/** Everybody pays, at once. */
const ALL_PAY = { 'Pay, of 100 who hold': 100, 'Let go, of 100 who hold': 0, 'Seconds to think, on average': 0 }
/** Everybody lets their time run out. */
const NONE_PAYS = { 'Pay, of 100 who hold': 0, 'Let go, of 100 who hold': 0 }

async function send(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Send the buyers' }).click()
}

/** The numbers of the two sums of the verdict, by their names. */
async function verdictOf(page: Page): Promise<Record<string, number>> {
  const verdict = page.getByRole('region', { name: 'The verdict' })
  await expect(verdict).toBeVisible({ timeout: 120_000 })
  const sums = verdict.getByRole('list').first()
  await expect(sums).not.toContainText('Does not come out even')
  const names = 'buyers|held|sold out|refused for load|failed|paid|let go|expired'
  const parts = (await sums.innerText()).matchAll(new RegExp(`([\\d,]+) (${names})`, 'g'))
  return Object.fromEntries([...parts].map(([, count, name]) => [name!, Number(count!.replaceAll(',', ''))]))
}

test.describe('with little time to pay', () => {
  test.use({ settings: { BOXOFFICE_HOLD_SECONDS: '3' } })

  test('the whole story: buyers come, the shards fill, and the sums and the audit come out even', async ({
    page,
    shop,
    guard,
  }) => {
    guard.expect(/POST \/events\/.*: 409/, 'more is wanted than there is')
    guard.expect(/GET \/reservation\/.*: 410/, 'some let their time run out')
    // A machine that stands still for a moment makes others late.
    guard.allow(/(POST|DELETE) \/reservation\/.*: 410/)
    const event = await shop.open({ maxTickets: 150, shards: 4, types: { Normal: 120, Discount: 60 } })
    await asAdmin(page)
    await page.goto(behind('shards', event))
    await page.getByRole('navigation', { name: 'Views of this date' }).getByRole('link', { name: 'Rush' }).click()
    await expect(page).toHaveTitle(`Rush at ${event.name} · Boxoffice`)
    await fill(page, {
      Buyers: 150,
      'Most tickets for each': 3,
      'Pay, of 100 who hold': 50,
      'Let go, of 100 who hold': 20,
      'Seconds to think, on average': 1,
    })
    await expect(page.getByText('Of those who hold, 50% pay, 20% let go and 30% let their time run out.')).toBeVisible()
    await send(page)
    await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible()
    const summary = '150 buyers, 5 at once, 1 to 3 tickets each; 50% pay, 20% let go; 1 s to think.'
    await expect(page.getByText(summary)).toBeVisible()
    await expect(page.getByRole('region', { name: 'Shards of Total' })).toContainText(someTaken('150'))

    const sums = await verdictOf(page)
    expect(sums['buyers']).toBe(150)
    expect(sums['held']! + sums['sold out']! + sums['refused for load']! + sums['failed']!).toBe(150)
    expect(sums['paid']! + sums['let go']! + sums['expired']!).toBe(sums['held'])
    for (const name of ['sold out', 'paid', 'let go', 'expired']) expect(sums[name], name).toBeGreaterThan(0)
    expect(sums['failed']).toBe(0)
    const verdict = page.getByRole('region', { name: 'The verdict' })
    await expect(verdict).toContainText('The audit finds everything right')
    expect(await paidReservations(page, behind('manage/event', event))).toBe(sums['paid'])
  })
})

test('outcomes and latencies are shown while it runs, and a line is drawn', async ({ page, shop }) => {
  const event = await shop.open({ maxTickets: 21_000, types: { Normal: null } })
  await asAdmin(page)
  await page.goto(behind('rush', event))
  await fill(page, { Buyers: 20_000, ...ONE_EACH, ...ALL_PAY })
  await send(page)
  const outcomes = page.getByRole('region', { name: 'The outcomes' })
  await expect(outcomes).toContainText(/[\d,]+ of 20,000 buyers have set out/)
  for (const share of ['p50', 'p90', 'p99']) await expect(outcomes).toContainText(new RegExp(`${share}\\s*\\d`))
  await expect(outcomes.locator('path.line').first()).toHaveAttribute('d', /^M.*L/)
  const rates = outcomes.getByRole('table', { name: 'Answers to holds per second, by outcome' })
  const most = rates.getByRole('row', { name: 'Held' }).getByRole('cell').last()
  await expect.poll(() => most.innerText()).not.toBe('0')
  await page.getByRole('button', { name: 'Stop' }).click()
  const sums = await verdictOf(page)
  expect(sums['buyers']).toBeLessThan(20_000)
  expect(sums['paid']).toBe(sums['held'])
})

test('a stop lets go at once whatever nobody would pay, and leaves nothing behind', async ({ page, shop }) => {
  const event = await shop.open({ maxTickets: 6_000, types: { Normal: null } })
  await asAdmin(page)
  await page.goto(behind('rush', event))
  await fill(page, { Buyers: 5_000, ...ONE_EACH, ...NONE_PAYS })
  await send(page)
  await expect(page.getByRole('region', { name: 'Shards of Total' })).toContainText(someTaken('6,000'))
  await page.getByRole('button', { name: 'Stop' }).click()
  const sums = await verdictOf(page)
  expect(sums['held']).toBeGreaterThan(0)
  expect(sums['let go']).toBe(sums['held'])
  expect(await shop.reserved(event)).toEqual([])
  await expect(page.getByRole('region', { name: 'Shards of Total' })).toContainText(noneTaken('6,000'))
  await expect(page.getByRole('button', { name: 'Send them again' })).toBeFocused()
  await page.getByRole('button', { name: 'Change the settings' }).click()
  await expect(page.getByLabel('Buyers', { exact: true })).toHaveValue('5000')
})

test('leaving the view stops a rush, which ends what it began', async ({ page, shop }) => {
  const event = await shop.open({ maxTickets: 6_000, types: { Normal: null } })
  await asAdmin(page)
  await page.goto(behind('rush', event))
  await fill(page, { Buyers: 5_000, ...ONE_EACH, ...NONE_PAYS })
  await send(page)
  await expect.poll(async () => (await shop.reserved(event)).length).toBeGreaterThan(0)
  await page.getByRole('link', { name: 'Manage', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Manage')
  await expect.poll(() => shop.reserved(event)).toEqual([])
})

test('control: some are told from none, whatever digits they end in', () => {
  for (const some of ['Total 10 of 6,000 taken', '6,000 of 6,000 taken', '1,000 of 6,000 taken', '1 of 6,000 taken']) {
    expect(some).toMatch(someTaken('6,000'))
    expect(some).not.toMatch(noneTaken('6,000'))
  }
  for (const none of ['Total 0 of 6,000 taken', '0 of 6,000 taken', '2 shards0 of 6,000 taken']) {
    expect(none).toMatch(noneTaken('6,000'))
    expect(none).not.toMatch(someTaken('6,000'))
  }
})

test('settings that cannot be are named at their fields', async ({ page, shop }) => {
  const event = await shop.open({ types: { Normal: 10, Discount: 10 } })
  await asAdmin(page)
  await page.goto(behind('rush', event))
  const go = page.getByRole('button', { name: 'Send the buyers' })
  await expect(go).toBeEnabled()
  const wrong: readonly [string, string, string][] = [
    ['Buyers', '0', 'This must be from 1 to 20,000.'],
    ['Most tickets for each', '0', 'This must be from 1 to 50.'],
    ['Pay, of 100 who hold', '90', 'With those who pay, this is more than 100%.'],
    ['Fewest tickets for each', '9', 'This is less than the fewest.'],
  ]
  for (const [label, value, error] of wrong) {
    const field = page.getByLabel(label, { exact: true })
    const before = await field.inputValue()
    await field.fill(value)
    await expect(page.getByText(error)).toBeVisible()
    await expect(go).toBeDisabled()
    await field.fill(before)
    await expect(page.getByText(error)).toHaveCount(0)
  }
  for (const type of ['Normal', 'Discount']) await page.getByRole('checkbox', { name: type }).uncheck()
  await expect(page.getByText('Buyers need at least one type to choose.')).toBeVisible()
  await expect(go).toBeDisabled()
  await page.getByRole('checkbox', { name: 'Discount' }).check()
  await expect(go).toBeEnabled()
})

test('buyers for whom the service has no time are counted as such, and so is what fails', async ({
  page,
  shop,
  guard,
}) => {
  guard.expect(/POST \/events\/.*: 503/, 'the service is said to be overloaded')
  guard.expect(/POST \/events\/.*: 422/, 'the request is said to be wrong')
  const event = await shop.open({ maxTickets: 1_000 })
  await asAdmin(page)
  await page.goto(behind('rush', event))
  let asked = 0
  await page.route(`**/events/${event.id}/*/*`, (route) => {
    asked++
    if (asked <= 10) return route.fulfill(problem(503, 'overloaded', 'Too many wait already.'))
    if (asked <= 15) return route.fulfill(problem(422, 'invalid-request', 'This is none of ours.'))
    return route.continue()
  })
  await fill(page, { Buyers: 40, ...ALL_PAY })
  await send(page)
  const sums = await verdictOf(page)
  expect(sums).toMatchObject({ buyers: 40, held: 25, 'refused for load': 10, failed: 5, paid: 25 })
  await expect(page.getByText('Failed 5 times: This is none of ours.')).toBeVisible()
})

test('a date that has begun takes no rush', async ({ page, shop }) => {
  const event = await shop.open({ dates: [{ date: daysAhead(-3), startTime: '20:00' }] })
  await asAdmin(page)
  await page.goto(behind('rush', event))
  await expect(page.getByText('This date has begun')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Send the buyers' })).toBeDisabled()
})

test('a rush is sent and stopped by keyboard alone', async ({ page, shop }) => {
  const event = await shop.open({ maxTickets: 6_000, types: { Normal: null } })
  await asAdmin(page)
  await page.goto(behind('rush', event))
  for (const [label, value] of Object.entries({ Buyers: 4_000, ...ONE_EACH })) {
    await tabTo(page, page.getByLabel(label, { exact: true }))
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.type(String(value))
  }
  await tabTo(page, page.getByRole('button', { name: 'Send the buyers' }))
  await page.keyboard.press('Enter')
  const stop = page.getByRole('button', { name: 'Stop' })
  await expect(stop).toBeFocused()
  await expect(page.getByRole('region', { name: 'The outcomes' })).toBeVisible()
  await page.keyboard.press('Enter')
  const sums = await verdictOf(page)
  expect(sums['buyers']).toBeLessThan(4_000)
})

function problem(status: number, slug: string, detail: string) {
  const headers = { 'Content-Type': 'application/problem+json', ...(status === 503 ? { 'Retry-After': '1' } : {}) }
  return { status, headers, json: { type: `/problems/${slug}`, title: slug, status, detail } }
}

/** How many reservations the list says are paid, on all of its pages. */
async function paidReservations(page: Page, address: string): Promise<number> {
  await page.goto(`${address}?state=paid`)
  const rows = page.getByRole('link', { name: /^Reservation / })
  const next = page.getByRole('link', { name: 'Next' })
  let reservations = 0
  for (;;) {
    await expect(rows.first()).toBeVisible()
    reservations += await rows.count()
    if (!(await next.isVisible())) return reservations
    const first = await rows.first().getAttribute('href')
    await next.click()
    await expect(rows.first()).not.toHaveAttribute('href', first!)
  }
}
