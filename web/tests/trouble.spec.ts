/** What can go wrong around a hold: time runs out, the service dies, answers are lost. Nothing is booked twice. */

import type { Page, Route } from '@playwright/test'
import { expect, test } from './page.ts'

const HELD = 'These tickets are held for you'
const UNKNOWN = 'It is not known whether your tickets are held'

async function choose(page: Page, quantity: number): Promise<void> {
  await page.getByRole('spinbutton').fill(String(quantity))
}

test.describe('with little time to pay', () => {
  test.use({ settings: { BOXOFFICE_HOLD_SECONDS: '3' } })

  test('a hold that is not paid expires before the eyes of its visitor, and is back on sale', async ({
    page,
    shop,
    guard,
  }) => {
    guard.expect(/GET \/reservation\/.*: 410/, 'the service says that the hold is gone')
    const event = await shop.open({ maxTickets: 2 })
    await page.goto(event.booking)
    await choose(page, 2)
    // Looked for by the page itself at each of its frames: it is there for a moment only.
    const timed = page.getByRole('timer').waitFor()
    await page.getByRole('button', { name: 'Hold 2 tickets' }).click()
    await timed
    await expect(page.getByRole('heading', { name: 'The time to pay is over' })).toBeVisible()
    await expect(page.getByText('Your tickets were held until')).toBeVisible()
    await page.reload()
    await expect(page.getByRole('heading', { name: 'The time to pay is over' })).toBeVisible()
    await page.getByRole('link', { name: 'Choose again' }).click()
    await expect(page.getByText('2 of 2 left')).toBeVisible()
    await expect(page.getByRole('spinbutton')).toHaveValue('2')
    await page.getByRole('button', { name: 'Hold 2 tickets' }).click()
    await expect(page).toHaveURL(/\/booking\//)
  })

  test('the clock is the server’s, however wrong the visitor’s own is', async ({ page, shop, guard }) => {
    guard.expect(/GET \/reservation\/.*: 410/, 'the service says that the hold is gone')
    const event = await shop.open()
    const HOUR_MS = 3_600_000
    await page.clock.install({ time: Date.now() + HOUR_MS })
    await page.goto(event.booking)
    await choose(page, 1)
    const timed = page.getByRole('timer', { name: /^[123] seconds left/ }).waitFor()
    await page.getByRole('button', { name: 'Hold 1 ticket' }).click()
    await timed
    await expect(page.getByRole('heading', { name: 'The time to pay is over' })).toBeVisible()
  })

  test('somebody else’s expired booking is told without their name for it', async ({ page, shop, guard }) => {
    guard.expect(/GET \/reservation\/.*: 410/, 'it was let go before')
    const event = await shop.open()
    const reservation = await shop.hold(event, [{ tickettypeId: event.types['Normal']!, quantity: 1 }])
    await shop.release(reservation)
    await page.goto(`/booking/${reservation}`)
    await expect(page.getByRole('heading', { name: 'This booking is no more' })).toBeVisible()
  })
})

test.describe('when the service dies', () => {
  test('a hold outlives it, and is paid once it is back', async ({ page, shop, service, guard }) => {
    const event = await shop.open()
    await page.goto(event.booking)
    await choose(page, 2)
    await page.getByRole('button', { name: 'Hold 2 tickets' }).click()
    await expect(page.getByRole('heading', { name: HELD })).toBeVisible()
    guard.expect(/GET \/reservation\/.*: net::ERR_/, 'the service is killed')
    guard.expect(/POST \/reservation\/.*: net::ERR_/, 'the service is killed')
    guard.allow(/GET \/events\/.*: net::ERR_/)
    await service.kill()
    await expect(page.getByRole('alert')).toContainText('The clock runs on, but the service does not answer')
    await page.getByRole('button', { name: 'Make one up' }).click()
    const reference = await page.getByLabel('Payment reference').inputValue()
    await page.getByRole('button', { name: 'Pay', exact: true }).click()
    await expect(page.getByRole('alert')).toContainText('It is not known whether you have paid')
    await service.start()
    await page.getByRole('button', { name: 'Pay again with the same reference' }).click()
    await expect(page.getByRole('heading', { name: 'These 2 tickets are yours' })).toBeVisible()
    await expect(page.getByText(reference)).toBeVisible()
    expect(await shop.reserved(event)).toEqual([2])
  })

  test('before it could hold anything, the order waits for it', async ({ page, shop, service, guard }) => {
    const event = await shop.open()
    await page.goto(event.booking)
    await choose(page, 2)
    guard.expect(/POST \/events\/.*: net::ERR_/, 'the service is killed')
    guard.expect(/GET \/events\/.*: net::ERR_/, 'the service is killed')
    await service.kill()
    await page.getByRole('button', { name: 'Hold 2 tickets' }).click()
    const box = page.getByRole('alert').filter({ hasText: UNKNOWN })
    await expect(box).toContainText('Nothing is lost')
    await expect(page.getByRole('spinbutton')).toBeDisabled()
    await service.start()
    await page.reload()
    await expect(box).toBeVisible()
    await expect(page.getByRole('spinbutton')).toHaveValue('2')
    await box.getByRole('button', { name: 'Ask again' }).click()
    await expect(page.getByRole('heading', { name: HELD })).toBeVisible()
    expect(await shop.reserved(event)).toEqual([2])
  })
})

test('an answer that is lost on its way is asked for again, and books once', async ({ page, shop, guard }) => {
  const event = await shop.open()
  guard.expect(/POST \/events\/.*: net::ERR_/, 'the answer is lost')
  await page.goto(event.booking)
  await choose(page, 2)
  await page.route('**/events/*/*/*', async (route) => {
    await route.fetch()
    await route.abort('connectionreset')
  })
  await page.getByRole('button', { name: 'Hold 2 tickets' }).click()
  await expect(page.getByRole('alert')).toContainText(UNKNOWN)
  expect(await shop.reserved(event)).toEqual([2])
  await page.unroute('**/events/*/*/*')
  const answered = page.waitForResponse('**/events/*/*/*')
  await page.getByRole('button', { name: 'Ask again' }).click()
  expect(await (await answered).headerValue('Idempotent-Replayed')).toBe('true')
  await expect(page.getByRole('heading', { name: HELD })).toBeVisible()
  expect(await shop.reserved(event)).toEqual([2])
})

test('a reload while the answer is awaited books once', async ({ page, shop }) => {
  const event = await shop.open()
  await page.goto(event.booking)
  await choose(page, 2)
  let booked = () => {}
  const reached = new Promise<void>((resolve) => (booked = resolve))
  const neverAnswered = async (route: Route): Promise<void> => {
    await route.fetch()
    booked()
  }
  await page.route('**/events/*/*/*', neverAnswered, { times: 1 })
  await page.getByRole('button', { name: 'Hold 2 tickets' }).click()
  await reached
  await page.reload()
  await expect(page.getByRole('alert')).toContainText(UNKNOWN)
  await page.getByRole('button', { name: 'Ask again' }).click()
  await expect(page.getByRole('heading', { name: HELD })).toBeVisible()
  expect(await shop.reserved(event)).toEqual([2])
})

test('an order whose outcome is unknown can be given up', async ({ page, shop, guard }) => {
  const event = await shop.open()
  guard.expect(/POST \/events\/.*: net::ERR_/, 'the request is lost')
  await page.goto(event.booking)
  await choose(page, 2)
  await page.route('**/events/*/*/*', (route) => route.abort('connectionreset'))
  await page.getByRole('button', { name: 'Hold 2 tickets' }).click()
  await expect(page.getByRole('alert')).toContainText(UNKNOWN)
  await page.unroute('**/events/*/*/*')
  await page.getByRole('button', { name: 'Start over' }).click()
  await expect(page.getByRole('alert')).toHaveCount(0)
  await choose(page, 3)
  await page.getByRole('button', { name: 'Hold 3 tickets' }).click()
  await expect(page.getByRole('heading', { name: HELD })).toBeVisible()
  expect(await shop.reserved(event)).toEqual([3])
})

test.describe('where an address may ask for two holds in a minute', () => {
  test.use({ settings: { BOXOFFICE_HOLDS_PER_MINUTE_MAX: '2' } })

  test('a refusal says for how long to wait, and keeps the order', async ({ page, shop, guard }) => {
    const event = await shop.open()
    guard.expect(/POST \/events\/.*: 429/, 'the third hold of this minute')
    for (let hold = 0; hold < 2; hold++) await shop.hold(event, [{ tickettypeId: event.types['Normal']!, quantity: 1 }])
    await page.goto(event.booking)
    await choose(page, 2)
    await page.getByRole('button', { name: 'Hold 2 tickets' }).click()
    const box = page.getByRole('alert')
    await expect(box).toContainText(/The service asks for \d+ s of patience/)
    await expect(box.getByRole('button', { name: 'Ask again' })).toBeVisible()
  })
})

test('a service that is overloaded says so, and the same order is asked again', async ({ page, shop, guard }) => {
  const event = await shop.open()
  guard.expect(/POST \/events\/.*: 503/, 'the service is said to be overloaded')
  await page.goto(event.booking)
  await choose(page, 1)
  const keys: (string | null)[] = []
  page.on('request', async (request) => {
    if (request.method() === 'POST') keys.push(await request.headerValue('Idempotency-Key'))
  })
  const problem = { type: '/problems/overloaded', title: 'Overloaded', status: 503, detail: 'Too many wait already.' }
  const headers = { 'Content-Type': 'application/problem+json', 'Retry-After': '1' }
  await page.route('**/events/*/*/*', (route) => route.fulfill({ status: 503, headers, json: problem }), { times: 1 })
  await page.getByRole('button', { name: 'Hold 1 ticket' }).click()
  await expect(page.getByRole('alert')).toContainText('Too many wait already.')
  await expect(page.getByRole('alert')).toContainText('The service asks for 1 s of patience.')
  await page.getByRole('button', { name: 'Ask again' }).click()
  await expect(page.getByRole('heading', { name: HELD })).toBeVisible()
  expect(keys).toHaveLength(2)
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
  expect(keys[1]).toBe(keys[0])
})

test('who pays what somebody else has just paid hears it', async ({ page, shop, guard }) => {
  const event = await shop.open()
  guard.expect(/POST \/reservation\/.*: 409/, 'it is paid with another reference')
  const reservation = await shop.hold(event, [{ tickettypeId: event.types['Normal']!, quantity: 1 }])
  await page.goto(`/booking/${reservation}`)
  await page.getByRole('button', { name: 'Make one up' }).click()
  await page.route('**/reservation/*', async (route) => {
    await (route.request().method() === 'GET' ? route.abort('aborted') : route.continue())
  })
  await shop.pay(reservation)
  await page.getByRole('button', { name: 'Pay', exact: true }).click()
  await page.unroute('**/reservation/*')
  await expect(page.getByRole('heading', { name: 'This is your ticket' })).toBeVisible()
  await expect(page.getByText('paid-by-another')).toBeVisible()
})
