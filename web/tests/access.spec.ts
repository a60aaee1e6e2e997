/** Every state of the visitors’ views: axe finds nothing in light and dark, and every control is reached by Tab. */

import type { Page } from '@playwright/test'
import { expect, expectNoBarriers, test, unreached } from './page.ts'
import type { Shop, Shown } from './shop.ts'

async function expectUsableByAll(page: Page): Promise<void> {
  await expectNoBarriers(page)
  expect(await unreached(page), 'controls that Tab does not reach, or that do not show the focus').toEqual([])
}

function openBoth(shop: Shop): Promise<Shown> {
  return shop.open({ maxTickets: 10, types: { Normal: 9, Discount: 4 } })
}

test('events', async ({ page, shop }) => {
  const event = await openBoth(shop)
  await shop.hold(await shop.open({ maxTickets: 1, name: `${event.name} too` }), [
    { tickettypeId: event.types['Normal']!, quantity: 1 },
  ]).catch(() => null)
  await page.goto(`/?q=${encodeURIComponent(event.name)}`)
  await expect(page.getByRole('article').first()).toBeVisible()
  await expectUsableByAll(page)
})

test('no events', async ({ page }) => {
  await page.goto('/?q=nothing-has-this-name')
  await expect(page.getByRole('heading', { name: 'No event has that in its name' })).toBeVisible()
  await expectUsableByAll(page)
})

test('an event', async ({ page, shop }) => {
  const event = await openBoth(shop)
  await shop.hold(event, [{ tickettypeId: event.types['Discount']!, quantity: 4 }])
  await page.goto(`/event/${event.id}`)
  await expect(page.getByRole('article')).toBeVisible()
  await expectUsableByAll(page)
})

test('booking, with an order and sold out', async ({ page, shop, guard }) => {
  const event = await openBoth(shop)
  guard.expect(/POST \/events\/.*: 409/, 'sold out')
  await page.goto(event.booking)
  await page.getByRole('spinbutton', { name: 'Number of Normal' }).fill('3')
  await expectUsableByAll(page)
  await page.route('**/events/*?**', () => {})
  await shop.hold(event, [{ tickettypeId: event.types['Normal']!, quantity: 8 }])
  await page.getByRole('button', { name: 'Hold 3 tickets' }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await expectUsableByAll(page)
  await page.unroute('**/events/*?**')
  await shop.hold(event, [{ tickettypeId: event.types['Discount']!, quantity: 2 }])
  await page.reload()
  await expect(page.getByText('Sold out, for now.')).toBeVisible()
  await expectUsableByAll(page)
})

test('a booking: held, in question, paid', async ({ page, shop }) => {
  const event = await openBoth(shop)
  await page.goto(event.booking)
  await page.getByRole('spinbutton', { name: 'Number of Normal' }).fill('2')
  await page.getByRole('button', { name: 'Hold 2 tickets' }).click()
  await expect(page.getByRole('timer')).toBeVisible()
  await page.getByRole('button', { name: 'Pay', exact: true }).click()
  await expect(page.getByText('Give a reference, or have one made up.')).toBeVisible()
  await expectUsableByAll(page)
  await page.getByRole('button', { name: 'Let the tickets go' }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await expectNoBarriers(page)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Make one up' }).click()
  await page.getByRole('button', { name: 'Pay', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'These 2 tickets are yours' })).toBeVisible()
  await expectUsableByAll(page)
  await page.goto('/')
  await expect(page.getByRole('heading', { name: 'Tickets you bought in this browser' })).toBeVisible()
  await expectUsableByAll(page)
})

test('a booking that was let go, with another one held', async ({ page, shop }) => {
  const event = await openBoth(shop)
  for (const quantity of ['1', '2']) {
    await page.goto(event.booking)
    await page.getByRole('spinbutton', { name: 'Number of Normal' }).fill(quantity)
    await page.getByRole('button', { name: /^Hold/ }).click()
    await expect(page.getByRole('timer')).toBeVisible()
  }
  await page.getByRole('button', { name: 'Let the tickets go' }).click()
  await page.getByRole('button', { name: 'Let them go' }).click()
  await expect(page.getByRole('heading', { name: 'You let these tickets go' })).toBeVisible()
  await expect(page.getByRole('complementary', { name: 'Tickets held for you' })).toBeVisible()
  await expectUsableByAll(page)
})

test('trouble', async ({ page, shop, guard }) => {
  const event = await openBoth(shop)
  guard.expect(/: net::ERR_/, 'nothing gets through')
  await page.goto(event.booking)
  await page.getByRole('spinbutton', { name: 'Number of Normal' }).fill('2')
  await page.route('**/events/**', (route) => route.abort('connectionrefused'))
  await page.getByRole('button', { name: 'Hold 2 tickets' }).click()
  await expect(page.getByRole('alert')).toHaveCount(2)
  await expectUsableByAll(page)
})

test('on 320 pixels, as a page of 1280 at four times the size, nothing is cut off', async ({ page, shop }) => {
  const event = await openBoth(shop)
  await page.setViewportSize({ width: 320, height: 640 })
  const overflow = () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  for (const address of ['/', `/event/${event.id}`, event.booking]) {
    await page.goto(address)
    await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('Event')
    await page.waitForLoadState('networkidle')
    expect(await overflow(), address).toBe(0)
  }
  await page.getByRole('spinbutton', { name: 'Number of Normal' }).fill('2')
  await page.getByRole('button', { name: 'Hold 2 tickets' }).click()
  await expect(page.getByRole('timer')).toBeVisible()
  expect(await overflow(), 'held').toBe(0)
  await page.getByRole('button', { name: 'Make one up' }).click()
  await page.getByRole('button', { name: 'Pay', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'These 2 tickets are yours' })).toBeVisible()
  expect(await overflow(), 'paid').toBe(0)
})
