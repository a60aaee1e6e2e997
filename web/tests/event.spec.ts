import { daysAhead } from './shop.ts'
import { expect, test } from './page.ts'

const HOUR_MS = 3_600_000
const PATIENCE_MS = 30_000

test('a date shows what is left in total and of each type, in the zone of the event', async ({ page, shop }) => {
  const event = await shop.open({
    maxTickets: 1000,
    types: { Normal: 900, Discount: 200, Guest: null },
    timeZone: 'America/New_York',
  })
  await shop.hold(event, [{ tickettypeId: event.types['Discount']!, quantity: 50 }])
  await page.goto(`/event/${event.id}`)
  const date = page.getByRole('article')
  await expect(date).toHaveCount(1)
  await expect(date).toContainText('950 of 1,000 left')
  await expect(date.getByRole('listitem').filter({ hasText: 'Normal' })).toContainText('900 of 900')
  await expect(date.getByRole('listitem').filter({ hasText: 'Discount' })).toContainText('150 of 200')
  await expect(date.getByRole('listitem').filter({ hasText: 'Guest' })).toContainText('950 left')
  await expect(date).toContainText('20:00')
  await expect(date).toContainText(/New York \(GMT-[45]\)/)
  await expect(date).toContainText(/(00|01):00 for you/)
})

test('the figures renew themselves and say how old they are', async ({ page, shop }) => {
  const event = await shop.open({ maxTickets: 10 })
  await page.goto(`/event/${event.id}`)
  await expect(page.getByRole('article')).toContainText('10 of 10 left')
  await expect(page.getByText(/Live.*figures are \d+\.\d s old/)).toBeVisible()
  await shop.hold(event, [{ tickettypeId: event.types['Normal']!, quantity: 10 }])
  await expect(page.getByRole('article')).toContainText('0 of 10 left')
  await expect(page.getByRole('article')).toContainText('Sold out')
})

test('a range of dates is chosen, stands in the address, and is let go', async ({ page, shop }) => {
  const dates = [3, 10, 40].map((days) => ({ date: daysAhead(days), startTime: '20:00' }))
  const event = await shop.open({ dates })
  await page.goto(`/event/${event.id}`)
  const rows = page.getByRole('article')
  await expect(rows).toHaveCount(3)

  await page.getByRole('button', { name: 'Next 7 days' }).click()
  await expect(rows).toHaveCount(1)
  await expect(page).toHaveURL(/from=\d{4}-\d\d-\d\d&to=/)
  await page.getByLabel('From', { exact: true }).fill(daysAhead(5))
  await expect(page.getByText('This is before “From”.')).toHaveCount(0)
  await page.getByLabel('To', { exact: true }).fill(daysAhead(50))
  await expect(rows).toHaveCount(2)
  await page.reload()
  await expect(rows).toHaveCount(2)
  await expect(page.getByLabel('To', { exact: true })).toHaveValue(daysAhead(50))

  await page.getByLabel('To', { exact: true }).fill(daysAhead(4))
  await expect(page.getByText('This is before “From”.')).toBeVisible()
  await page.getByLabel('From', { exact: true }).fill(daysAhead(4))
  await expect(page.getByRole('heading', { name: 'No date between these' })).toBeVisible()
  await page.getByRole('link', { name: 'All ahead' }).click()
  await expect(rows).toHaveCount(3)
})

test('many dates come in pages', async ({ page, shop }) => {
  const dates = Array.from({ length: 45 }, (_, day) => ({ date: daysAhead(2 + day), startTime: '20:00' }))
  const event = await shop.open({ dates })
  await page.goto(`/event/${event.id}`)
  const rows = page.getByRole('article')
  const pages = page.getByRole('navigation', { name: 'Pages of dates' })
  await expect(rows).toHaveCount(20)
  await pages.getByRole('link', { name: 'Next' }).click()
  await expect(rows.first().locator('time').first()).toHaveAttribute('datetime', daysAhead(22))
  await pages.getByRole('link', { name: 'Next' }).click()
  await expect(rows).toHaveCount(5)
  await pages.getByRole('link', { name: 'Previous' }).click()
  await expect(rows.first().locator('time').first()).toHaveAttribute('datetime', daysAhead(22))
})

test('“Next” never leads to where one already is, however late that page comes', async ({ page, shop }) => {
  const dates = Array.from({ length: 45 }, (_, day) => ({ date: daysAhead(2 + day), startTime: '20:00' }))
  const event = await shop.open({ dates })
  await page.goto(`/event/${event.id}`)
  const next = page.getByRole('navigation', { name: 'Pages of dates' }).getByRole('link', { name: 'Next' })
  const firstDate = page.getByRole('article').first().locator('time').first()
  let letGo = () => {}
  const late = new Promise<void>((resolve) => (letGo = resolve))
  await page.route('**/events/*?*cursor=*', async (route) => {
    await late
    await route.continue()
  })
  await next.press('Enter')
  await expect(page).toHaveURL(/cursor=/)
  await expect(next).toHaveAttribute('aria-disabled', 'true')
  await expect(next).not.toHaveAttribute('href')
  await expect(next).toBeFocused()
  const visited = await page.evaluate(() => history.length)
  const address = page.url()
  await page.keyboard.press('Enter')
  await next.click({ force: true })
  await expect(firstDate).toHaveAttribute('datetime', daysAhead(2))
  letGo()
  await expect(firstDate).toHaveAttribute('datetime', daysAhead(22))
  expect(page.url()).toBe(address)
  expect(await page.evaluate(() => history.length)).toBe(visited)
  await expect(next).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(firstDate).toHaveAttribute('datetime', daysAhead(42))
})

test('a date of the past is shown by its range, and cannot be booked', async ({ page, shop }) => {
  const dates = [{ date: daysAhead(-3), startTime: '20:00' }]
  const event = await shop.open({ dates })
  await page.goto(`/event/${event.id}`)
  await expect(page.getByRole('heading', { name: 'No date ahead' })).toBeVisible()
  await page.getByLabel('From', { exact: true }).fill(daysAhead(-10))
  await expect(page.getByRole('article')).toContainText('Has begun')
  await expect(page.getByRole('link', { name: /^Book/ })).toHaveCount(0)
  await page.goto(event.booking)
  await expect(page.getByText('This date has begun')).toBeVisible()
  await expect(page.getByRole('button', { name: /^Hold/ })).toHaveCount(0)
})

test('an event and a date that are not there say so', async ({ page, shop, guard }) => {
  guard.expect('GET /events/999999999: 404', 'there is no such event')
  await page.goto('/event/999999999')
  await expect(page.getByRole('heading', { level: 1, name: 'No such event' })).toBeVisible()
  const event = await shop.open()
  await page.goto(`/event/${event.id}/${event.date}/03:33:00`)
  await expect(page.getByRole('heading', { level: 1, name: 'No such date' })).toBeVisible()
})

test.describe('while the service is away', () => {
  test('the figures stay, say how old they are, and come again', async ({ page, shop, service, guard }) => {
    const event = await shop.open({ maxTickets: 10 })
    await page.goto(`/event/${event.id}`)
    await expect(page.getByRole('article')).toContainText('10 of 10 left')
    guard.expect(/GET \/events\/\d+: net::ERR_/, 'the service is killed')
    await service.kill()
    await expect(page.getByRole('alert')).toContainText('The figures are no longer renewed')
    await expect(page.getByText(/No answer.*figures are/)).toBeVisible()
    await expect(page.getByRole('article')).toContainText('10 of 10 left')
    await service.start()
    await expect(page.getByText(/Live.*figures are/)).toBeVisible()
    await expect(page.getByRole('alert')).toHaveCount(0)
  })

  test('whoever does not wait for the next renewal has the figures at once', async ({ page, shop, service, guard }) => {
    await page.clock.install()
    const event = await shop.open({ maxTickets: 10 })
    await page.goto(`/event/${event.id}`)
    await expect(page.getByRole('article')).toContainText('10 of 10 left')
    guard.expect(/GET \/events\/\d+: net::ERR_/, 'the service is killed')
    await service.kill()
    const again = page.getByRole('button', { name: 'Try again' })
    await expect(again).toBeVisible()
    // The clock of the page stands still, so that it renews nothing by itself.
    await page.clock.pauseAt(new Date(Date.now() + HOUR_MS))
    await expect(async () => {
      await page.clock.runFor(1)
      await expect(again).toBeEnabled({ timeout: 1 })
    }).toPass({ timeout: PATIENCE_MS })
    await service.start()
    let asked = 0
    page.on('request', (request) => (asked += new URL(request.url()).pathname.startsWith('/events/') ? 1 : 0))
    await again.click()
    await expect(async () => {
      await page.clock.runFor(1)
      await expect(page.getByRole('alert')).toHaveCount(0, { timeout: 1 })
    }).toPass({ timeout: PATIENCE_MS })
    await expect(page.getByText(/Live.*figures are/)).toBeVisible()
    expect(asked).toBe(1)
  })
})
