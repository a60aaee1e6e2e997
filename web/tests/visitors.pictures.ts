/** Pictures of what visitors see: every view in every state that is worth a look. */

import type { Page } from '@playwright/test'
import { show, take } from './camera.ts'
import { expect, test } from './page.ts'
import { fillSeason } from './season.ts'
import type { Shop, Shown } from './shop.ts'

/** Long enough for the clock of a hold to be seen running. */
const CLOCK_MS_MAX = 30_000

// Refusals and failures are provoked here to be looked at; the stories judge them.
test.use({ judged: false })

async function choose(page: Page, event: Shown, quantities: Readonly<Record<string, number>>): Promise<void> {
  await page.goto(event.booking)
  for (const [type, quantity] of Object.entries(quantities)) {
    await page.getByRole('spinbutton', { name: `Number of ${type}` }).fill(String(quantity))
  }
}

async function hold(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Hold \d/ }).click()
  await expect(page.getByRole('timer')).toBeVisible()
}

async function takeLists(page: Page, opera: Shown): Promise<void> {
  await page.goto('/')
  await expect(page.getByRole('article')).toHaveCount(11)
  await take(page, 'events')
  await page.goto('/?q=nothing-is-called-so')
  await expect(page.getByRole('heading', { name: 'No event has that in its name' })).toBeVisible()
  await take(page, 'events-none')
  await page.goto(`/event/${opera.id}`)
  await expect(page.getByRole('article')).toHaveCount(20)
  await take(page, 'event')
  await show(page, 'event', { height: 640, colorScheme: 'light' })
  await page.goto(`/event/${opera.id}?from=2100-01-01&to=2100-01-31`)
  await expect(page.getByRole('heading', { name: 'No date between these' })).toBeVisible()
  await take(page, 'event-none')
}

async function takeBooking(page: Page, opera: Shown): Promise<void> {
  await choose(page, opera, { Normal: 2, Discount: 1 })
  await take(page, 'book')
  await hold(page)
  await expect(page.getByRole('timer')).toHaveAccessibleName(/^4\d seconds left/, { timeout: CLOCK_MS_MAX })
  await show(page, 'held', { height: 620, colorScheme: 'light' })
  await take(page, 'booking-held')
  await page.getByRole('button', { name: 'Let the tickets go' }).click()
  await take(page, 'booking-question')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Make one up' }).click()
  await page.route('**/reservation/*', (route) => route.abort('connectionrefused'))
  await page.getByRole('button', { name: 'Pay', exact: true }).click()
  await expect(page.getByText('It is not known whether you have paid')).toBeVisible()
  await take(page, 'booking-trouble')
  await page.unroute('**/reservation/*')
  await page.getByRole('button', { name: 'Pay again with the same reference' }).click()
  await expect(page.getByRole('heading', { name: 'These 3 tickets are yours' })).toBeVisible()
  await page.getByRole('button', { name: 'Close the message' }).click()
  await take(page, 'booking-paid')
}

async function takeSoldOut(page: Page, shop: Shop): Promise<void> {
  const small = await shop.open({ name: 'Cellar stage', maxTickets: 10, types: { Normal: 9, Discount: 4 } })
  await choose(page, small, { Normal: 5 })
  // The page may not hear of it beforehand.
  await page.route('**/events/*?**', () => {})
  await shop.hold(small, [{ tickettypeId: small.types['Normal']!, quantity: 7 }])
  await page.getByRole('button', { name: 'Hold 5 tickets' }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await take(page, 'book-too-few')
  await page.unroute('**/events/*?**')
}

test('the way of a visitor', async ({ page, shop }) => {
  const { opera, jazz } = await fillSeason(shop, 6)
  await takeLists(page, opera)
  await takeBooking(page, opera)
  await page.goto(jazz.booking)
  await expect(page.getByText('Sold out, for now.')).toBeVisible()
  await take(page, 'book-sold-out')
  await takeSoldOut(page, shop)
  await choose(page, opera, { Box: 2 })
  await hold(page)
  await page.goto('/')
  await expect(page.getByRole('complementary', { name: 'Tickets held for you' })).toBeVisible()
  await page.getByRole('button', { name: 'Got it' }).click()
  await take(page, 'events-own')
})

test('trouble', async ({ page, shop }) => {
  const event = await shop.open()
  await page.goto('/event/999999999')
  await expect(page.getByRole('heading', { name: 'There is no event at this address' })).toBeVisible()
  await take(page, 'event-missing')
  await choose(page, event, { Normal: 2 })
  await page.route('**/events/**', (route) => route.abort('connectionrefused'))
  await page.getByRole('button', { name: 'Hold 2 tickets' }).click()
  await expect(page.getByRole('alert')).toHaveCount(2)
  await take(page, 'book-trouble')
  await page.route('**/events?**', (route) => route.abort('connectionrefused'))
  await page.goto('/')
  await expect(page.getByRole('alert')).toBeVisible()
  await take(page, 'events-trouble')
  await page.unroute('**/events?**')
  await page.route('**/events?**', () => {})
  await page.goto('/')
  await expect(page.getByText('Loading events …')).toBeAttached()
  await take(page, 'events-loading')
})

test.describe('with little time to pay', () => {
  test.use({ settings: { BOXOFFICE_HOLD_SECONDS: '3' } })

  test('a hold that has expired', async ({ page, shop }) => {
    const event = await shop.open({ name: 'Winter songs' })
    await choose(page, event, { Normal: 2 })
    await hold(page)
    await expect(page.getByRole('heading', { name: 'The time to pay is over' })).toBeVisible()
    await take(page, 'booking-expired')
  })
})
