/** The picture of the shards: it is what the database says, it moves, and it says how old it is. */

import type { Locator, Page } from '@playwright/test'
import { asAdmin, behind } from './admin.ts'
import { expect, test } from './page.ts'
import { noneTaken } from './taken.ts'

function counter(page: Page, name: string): Locator {
  return page.getByRole('region', { name: `Shards of ${name}`, exact: true })
}

/** The table of a counter, shard by shard: taken, limit, left, process, exhausted. */
async function numbersOf(page: Page, name: string): Promise<string[][]> {
  const rows = counter(page, name).locator('tbody tr')
  return rows.evaluateAll((all) => all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.innerText)))
}

function sum(rows: string[][], column: number): number {
  return rows.reduce((total, row) => total + Number(row[column]), 0)
}

test('what is held fills the shards of the total and of its type, until they are exhausted', async ({ page, shop }) => {
  const event = await shop.open({ maxTickets: 12, shards: 3, types: { Normal: 8, Guest: null } })
  await asAdmin(page)
  await page.goto(`/event/${event.id}`)
  await page.getByRole('link', { name: /^Shards of/ }).click()
  await expect(page).toHaveURL(behind('shards', event))
  await expect(page).toHaveTitle(`Shards of ${event.name} · Boxoffice`)
  await expect(page.getByText(/Live.*figures are \d+\.\d s old/)).toBeVisible()
  await expect(counter(page, 'Total')).toContainText(noneTaken('12'))
  await expect(counter(page, 'Total')).toContainText('taken · 12 left')
  await expect(counter(page, 'Guest')).toContainText('0 taken, no limit of its own')
  for (const summary of await page.getByText('The same as a table').all()) await summary.click()
  expect(await numbersOf(page, 'Total')).toEqual(Array(3).fill(['0', '4', '4', 'A', 'no']))
  expect(await numbersOf(page, 'Guest')).toEqual(Array(3).fill(['0', 'none', '–', 'A', 'no']))

  const reservation = await shop.hold(event, [
    { tickettypeId: event.types['Normal']!, quantity: 5 },
    { tickettypeId: event.types['Guest']!, quantity: 2 },
  ])
  await expect(counter(page, 'Total')).toContainText('7 of 12 taken · 5 left')
  await expect(counter(page, 'Normal')).toContainText('5 of 8 taken')
  await expect(counter(page, 'Guest')).toContainText('2 taken, no limit of its own')
  expect(sum(await numbersOf(page, 'Total'), 0)).toBe(7)
  expect(sum(await numbersOf(page, 'Normal'), 0)).toBe(5)

  await shop.hold(event, [{ tickettypeId: event.types['Guest']!, quantity: 5 }])
  await shop.hold(event, [{ tickettypeId: event.types['Guest']!, quantity: 1 }]).catch(() => null)
  await expect(counter(page, 'Total')).toContainText('all exhausted')
  await expect(counter(page, 'Total')).toContainText('12 of 12 taken · 0 left')
  await expect(counter(page, 'Total').getByRole('img')).toHaveAccessibleName(/^Shards of Total: 3, 3 of them exhausted/)

  await shop.release(reservation)
  await expect(counter(page, 'Total')).toContainText('5 of 12 taken · 7 left')
  await expect(counter(page, 'Total')).not.toContainText('all exhausted')
})

test.describe('with two processes', () => {
  test.use({ settings: { WORKERS: '2' } })

  test('each of them prefers its part of the shards, and has a letter', async ({ page, shop }) => {
    const event = await shop.open({ shards: 8 })
    await asAdmin(page)
    await page.goto(behind('shards', event))
    await expect(page.getByText(/process A takes from it first/)).toBeVisible()
    await expect(page.getByText(/process B takes from it first/)).toBeVisible()
    await page.getByText('The same as a table').first().click()
    // Those of the other tests' service are on the same Redis, and take their part.
    const letters = (await numbersOf(page, 'Total')).map((row) => row[3]!)
    const named = new Set(await page.getByText(/process [A-Z] takes from it first/).allInnerTexts())
    expect(new Set(letters).size).toBe(named.size)
    for (const letter of letters) {
      const share = letters.filter((each) => each === letter).length
      expect([Math.floor(8 / named.size), Math.ceil(8 / named.size)]).toContain(share)
    }
    await expect(page.getByText('All events, 2 processes.')).toBeVisible()
  })
})

test('holds per second and flights are drawn as they happen, and told in numbers', async ({ page, shop }) => {
  const event = await shop.open({ maxTickets: 4 })
  await asAdmin(page)
  await page.goto(behind('shards', event))
  const rates = page.getByRole('table', { name: 'Holds per second, by outcome' })
  await expect(rates.getByRole('row')).toHaveCount(6)
  const most = (outcome: string) => rates.getByRole('row', { name: outcome }).getByRole('cell').last().innerText()
  // A rate needs two looks; what happens before the first of them is not told.
  await expect(page.locator('path.line').first()).toHaveAttribute('d', /^M.*L/)
  const line = [{ tickettypeId: event.types['Normal']!, quantity: 1 }]
  for (let hold = 0; hold < 6; hold++) await shop.hold(event, line).catch(() => null)
  await expect.poll(() => most('Held')).not.toBe('0')
  await expect.poll(() => most('Sold out')).not.toBe('0')
  expect(await most('Failed')).toBe('0')
  const flights = page.getByRole('table').filter({ hasText: 'Holds in a flight' })
  await expect(flights.getByRole('rowheader').first()).toHaveText('1')
  expect(Number(await flights.getByRole('cell').last().innerText())).toBeGreaterThan(0)
})

test('what a shard, an exhausted shard and a flight are is said in a sentence each', async ({ page, shop }) => {
  await asAdmin(page)
  await page.goto(behind('shards', await shop.open()))
  for (const word of ['A shard', 'An exhausted shard', 'A flight']) {
    const sentence = page.getByRole('listitem').filter({ has: page.getByText(word, { exact: true }) })
    expect((await sentence.innerText()).match(/\./g)).toHaveLength(1)
  }
})

test('a tab that nobody looks at does not ask, and asks at once when somebody does', async ({ page, shop }) => {
  await asAdmin(page)
  await page.clock.install()
  await page.goto(behind('shards', await shop.open()))
  let asked = 0
  page.on('request', (request) => (asked += /\/shards$|\/live$/.test(new URL(request.url()).pathname) ? 1 : 0))
  const lookAway = (hidden: boolean) =>
    page.evaluate((state) => {
      Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    }, hidden ? 'hidden' : 'visible')

  await page.clock.runFor(3_000)
  await expect.poll(() => asked).toBeGreaterThan(2)
  await lookAway(true)
  await page.waitForLoadState('networkidle')
  asked = 0
  await page.clock.runFor(20_000)
  expect(asked).toBe(0)
  await expect(page.getByText(/figures are (19|2\d) s old/)).toBeVisible()
  await lookAway(false)
  await expect.poll(() => asked).toBeGreaterThan(1)
})

test('a date that is not there says so', async ({ page, shop, guard }) => {
  const event = await shop.open()
  guard.expect(/GET \/admin\/events\/\d+\/.*\/shards: 404/, 'there is no such date')
  await asAdmin(page)
  await page.goto(`/shards/${event.id}/${event.date}/03:33:00`)
  await expect(page.getByRole('heading', { name: 'The event has no such date' })).toBeVisible()
  await page.goto(`/shards/${event.id}/nonsense/03:33:00`)
  await expect(page.getByRole('heading', { name: 'The event has no such date' })).toBeVisible()
})

test.describe('while the service is away', () => {
  test('the picture stays, says how old it is, and moves again', async ({ page, shop, service, guard }) => {
    const event = await shop.open({ maxTickets: 10 })
    await shop.hold(event, [{ tickettypeId: event.types['Normal']!, quantity: 4 }])
    await asAdmin(page)
    await page.goto(behind('shards', event))
    await expect(counter(page, 'Total')).toContainText('4 of 10 taken')
    guard.expect(/GET \/admin\/.*: net::ERR_/, 'the service is killed')
    await service.kill()
    await expect(page.getByText(/No answer.*figures are/)).toBeVisible()
    await expect(page.getByRole('alert').first()).toContainText('The figures are no longer renewed')
    await expect(counter(page, 'Total')).toContainText('4 of 10 taken')
    await service.start()
    await expect(page.getByText(/Live.*figures are/)).toBeVisible()
    await expect(page.getByRole('alert')).toHaveCount(0)
  })
})
