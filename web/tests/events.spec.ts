import { daysAhead, newName } from './shop.ts'
import { expect, test } from './page.ts'

/** The list asks again so often. */
const REFRESH_MS = 5_000

test('the list shows an event with its next date, and leads to it', async ({ page, shop }) => {
  const dates = [4, 9].map((days) => ({ date: daysAhead(days), startTime: '20:00' }))
  const event = await shop.open({ dates, timeZone: 'Europe/Vienna' })
  await page.goto(`/?q=${encodeURIComponent(event.name)}`)
  const card = page.getByRole('article')
  await expect(card).toHaveCount(1)
  await expect(card.locator('time')).toHaveAttribute('datetime', daysAhead(4))
  await expect(card).toContainText('Next on')
  await expect(card).toContainText('On sale')
  await expect(card).toContainText('Vienna time')
  await card.getByRole('link', { name: event.name }).click()
  await expect(page).toHaveURL(`/event/${event.id}`)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(event.name)
  await expect(page).toHaveTitle(`${event.name} · Boxoffice`)
})

test('an event of which nothing is left is sold out, until the list hears of more by itself', async ({ page, shop }) => {
  const event = await shop.open({ maxTickets: 2 })
  const reservation = await shop.hold(event, [{ tickettypeId: event.types['Normal']!, quantity: 2 }])
  await page.clock.install()
  await page.goto(`/?q=${encodeURIComponent(event.name)}`)
  await expect(page.getByRole('article')).toContainText('Sold out')
  await shop.release(reservation)
  // The service may remember the list for a moment longer than it takes to ask again.
  await expect(async () => {
    await page.clock.runFor(REFRESH_MS)
    await expect(page.getByRole('article')).toContainText('On sale', { timeout: 500 })
  }).toPass({ timeout: 60_000 })
})

test('a search is in the address, says when it finds nothing, and goes back', async ({ page, shop }) => {
  const [first, second] = [await shop.open({ name: newName('Owl') }), await shop.open({ name: newName('Lark') })]
  await page.goto('/')
  const search = page.getByRole('searchbox', { name: 'Search events by name' })
  await search.fill(first.name.toUpperCase())
  await expect(page.getByRole('article')).toHaveCount(1)
  await expect(page.getByRole('article')).toContainText(first.name)
  await expect(page).toHaveURL(/\?q=OWL/)
  await page.reload()
  await expect(search).toHaveValue(first.name.toUpperCase())
  await expect(page.getByRole('article')).toHaveCount(1)

  await search.fill(`${second.name} of another kind`)
  await expect(page.getByRole('heading', { name: 'No event has that in its name' })).toBeVisible()
  await page.getByRole('link', { name: 'Show all events' }).click()
  await expect(search).toHaveValue('')
  await expect(page.getByRole('article').first()).toBeVisible()
})

test('pages follow one another, back again, and over a reload', async ({ page, shop }) => {
  const series = newName('Series')
  for (let event = 0; event < 50; event++) {
    const dates = [{ date: daysAhead(5 + event), startTime: '20:00' }]
    await shop.open({ name: `${series} no. ${String(event).padStart(2, '0')}`, dates })
  }
  await page.goto(`/?q=${encodeURIComponent(series)}`)
  const cards = page.getByRole('article')
  const pages = page.getByRole('navigation', { name: 'Pages of events' })
  await expect(cards).toHaveCount(24)
  await expect(cards.first()).toContainText('no. 00')
  await pages.getByRole('link', { name: 'Next' }).click()
  await expect(cards.first()).toContainText('no. 24')
  await expect(pages).toContainText('Page 2')
  await page.reload()
  await expect(cards.first()).toContainText('no. 24')
  await expect(pages).toContainText('Page 2')
  await pages.getByRole('link', { name: 'Next' }).click()
  await expect(cards).toHaveCount(2)
  await expect(pages.getByRole('link', { name: 'Next' })).toHaveCount(0)
  await pages.getByRole('link', { name: 'Previous' }).click()
  await expect(cards.first()).toContainText('no. 24')
  await page.goBack()
  await expect(cards).toHaveCount(2)
})

test('an address with a page that is none says so, and leads to the first', async ({ page, shop, guard }) => {
  await shop.open()
  guard.expect('GET /events: 422', 'the cursor is none of the service')
  await page.goto('/?cursor=none-of-yours')
  await expect(page.getByRole('alert')).toBeVisible()
  await page.getByRole('link', { name: 'First page' }).click()
  await expect(page.getByRole('article').first()).toBeVisible()
})

test('how it works is put away for good, and fetched back', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('button', { name: 'Got it' }).click()
  await page.reload()
  await expect(page.getByRole('button', { name: 'How it works' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'How it works' })).toHaveCount(0)
  await page.getByRole('button', { name: 'How it works' }).click()
  await expect(page.getByRole('heading', { name: 'How it works' })).toBeVisible()
})

test('light and dark are as the system says, until somebody chooses', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto('/')
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  const dark = await paper()
  await page.getByRole('radio', { name: 'Light' }).check({ force: true })
  const light = await paper()
  expect(light).not.toBe(dark)
  await page.reload()
  expect(await paper()).toBe(light)
  await page.getByRole('radio', { name: 'As the system' }).check({ force: true })
  expect(await paper()).toBe(dark)
})
