import type { Page } from '@playwright/test'
import { readCodes } from './codes.ts'
import { expect, tabTo, test } from './page.ts'

const HELD = 'These tickets are held for you'

async function choose(page: Page, type: string, quantity: number): Promise<void> {
  await page.getByRole('spinbutton', { name: `Number of ${type}` }).fill(String(quantity))
}

async function hold(page: Page, tickets: string): Promise<void> {
  await page.getByRole('button', { name: `Hold ${tickets}` }).click()
  await expect(page.getByRole('heading', { name: HELD })).toBeVisible()
}

async function secondsLeft(page: Page): Promise<number> {
  const told = await page.getByRole('timer').getAttribute('aria-label')
  return Number(told?.match(/^\d+/)?.[0])
}

test('the whole story: choose, hold, pay, and show the tickets at the door', async ({ page, shop }) => {
  const event = await shop.open({ maxTickets: 10, types: { Normal: 9, Discount: 4 } })
  await page.goto(`/event/${event.id}`)
  await page.getByRole('link', { name: /^Book/ }).click()
  await expect(page).toHaveURL(event.booking)
  await page.getByRole('button', { name: 'One Normal more' }).click({ clickCount: 2 })
  await page.getByRole('button', { name: 'One Discount more' }).click()
  await hold(page, '3 tickets')
  await expect(page).toHaveURL(/\/booking\/\d+-[0-9a-f]+$/)
  await expect(page.getByText('3 tickets: 2 × Normal, 1 × Discount')).toBeVisible()
  expect(await secondsLeft(page)).toBeGreaterThan(30)
  expect(await secondsLeft(page)).toBeLessThanOrEqual(60)

  await page.getByRole('button', { name: 'Make one up' }).click()
  const reference = await page.getByLabel('Payment reference').inputValue()
  expect(reference).toMatch(/^\d{9}$/)
  await page.getByRole('button', { name: 'Pay', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'These 3 tickets are yours' })).toBeVisible()
  await expect(page.getByText(reference)).toBeVisible()
  const numbers = await page.locator('main li code').allInnerTexts()
  expect(new Set(numbers).size).toBe(3)
  expect(await readCodes(page)).toEqual(numbers)

  await page.reload()
  await expect(page.locator('main li code')).toHaveText(numbers)
  await page.getByRole('link', { name: 'Events', exact: true }).click()
  await page.getByRole('link', { name: new RegExp(`${event.name}.*3 tickets`) }).click()
  await expect(page.getByRole('heading', { name: 'These 3 tickets are yours' })).toBeVisible()
})

test('no more can be chosen than is left, of a type and in total', async ({ page, shop }) => {
  const event = await shop.open({ maxTickets: 5, types: { Normal: 4, Discount: 4 } })
  await page.goto(event.booking)
  const normal = page.getByRole('spinbutton', { name: 'Number of Normal' })
  const discount = page.getByRole('spinbutton', { name: 'Number of Discount' })
  await normal.fill('9')
  await expect(normal).toHaveValue('4')
  await discount.fill('4')
  await expect(discount).toHaveValue('1')
  await expect(page.getByRole('button', { name: 'One Normal more' })).toBeDisabled()
  await expect(page.getByRole('button', { name: 'One Discount more' })).toBeDisabled()
  await normal.fill('-3')
  await expect(normal).toHaveValue('0')
  await expect(page.getByRole('button', { name: 'Hold 1 ticket' })).toBeEnabled()
  // Somebody else takes what this visitor has already chosen.
  await shop.hold(event, [{ tickettypeId: event.types['Discount']!, quantity: 4 }])
  await expect(page.getByText('Only 0 left for you')).toBeVisible()
  await expect(page.getByRole('button', { name: /^Hold/ })).toBeDisabled()
})

test('a double click books once', async ({ page, shop }) => {
  const event = await shop.open()
  await page.goto(event.booking)
  await choose(page, 'Normal', 2)
  await page.getByRole('button', { name: 'Hold 2 tickets' }).dblclick()
  await expect(page.getByRole('heading', { name: HELD })).toBeVisible()
  expect(await shop.reserved(event)).toEqual([2])
})

test('two clicks in the same moment book once', async ({ page, shop }) => {
  const event = await shop.open()
  await page.goto(event.booking)
  await choose(page, 'Normal', 2)
  await page.getByRole('button', { name: 'Hold 2 tickets' }).evaluate((button: HTMLButtonElement) => {
    button.click()
    button.click()
  })
  await expect(page.getByRole('heading', { name: HELD })).toBeVisible()
  expect(await shop.reserved(event)).toEqual([2])
})

test('a hold survives a reload, the clock runs on, and what was typed is still there', async ({ page, shop }) => {
  const event = await shop.open()
  await page.goto(event.booking)
  await choose(page, 'Normal', 1)
  await hold(page, '1 ticket')
  await page.getByLabel('Payment reference').fill('half typed')
  const before = await secondsLeft(page)
  await page.reload()
  await expect(page.getByRole('heading', { name: HELD })).toBeVisible()
  await expect.poll(() => secondsLeft(page)).toBeLessThan(before)
  await expect(page.getByLabel('Payment reference')).toHaveValue('half typed')
  await page.getByRole('button', { name: 'Pay', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'This is your ticket' })).toBeVisible()
  await expect(page.getByText('half typed')).toBeVisible()
})

test('the back button leaves a hold, and every page leads to it again', async ({ page, shop }) => {
  const event = await shop.open()
  await page.goto(event.booking)
  await choose(page, 'Normal', 1)
  await hold(page, '1 ticket')
  await page.goBack()
  await expect(page.getByRole('heading', { name: 'How many?' })).toBeVisible()
  const strip = page.getByRole('complementary', { name: 'Tickets held for you' })
  await expect(strip).toContainText(`You hold 1 ticket for ${event.name}`)
  await page.goForward()
  await expect(page.getByRole('heading', { name: HELD })).toBeVisible()
  await expect(strip).toHaveCount(0)
  await page.goto('/')
  await strip.getByRole('link').click()
  await expect(page.getByRole('heading', { name: HELD })).toBeVisible()
  expect(await shop.reserved(event)).toEqual([1])
})

test('a hold is let go after a question, and is back on sale', async ({ page, shop }) => {
  const event = await shop.open({ maxTickets: 3 })
  await page.goto(event.booking)
  await choose(page, 'Normal', 3)
  await hold(page, '3 tickets')
  await page.getByRole('button', { name: 'Let the tickets go' }).click()
  const question = page.getByRole('dialog', { name: 'Let these tickets go?' })
  await question.getByRole('button', { name: 'Keep them' }).click()
  await expect(question).toBeHidden()
  expect(await shop.reserved(event)).toEqual([3])
  await page.getByRole('button', { name: 'Let the tickets go' }).click()
  await question.getByRole('button', { name: 'Let them go' }).click()
  await expect(page.getByRole('heading', { name: 'You let these tickets go' })).toBeVisible()
  expect(await shop.reserved(event)).toEqual([])
  await page.reload()
  await expect(page.getByRole('heading', { name: 'You let these tickets go' })).toBeVisible()
  await page.getByRole('link', { name: 'Choose again' }).click()
  await expect(page.getByRole('spinbutton', { name: 'Number of Normal' })).toHaveValue('3')
  await expect(page.getByText('3 of 3 left')).toBeVisible()
  await hold(page, '3 tickets')
  await page.getByRole('button', { name: 'Make one up' }).click()
  await page.getByRole('button', { name: 'Pay', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'These 3 tickets are yours' })).toBeVisible()
})

test('of two who want the last ticket one gets it, and the other hears what is left', async ({
  page,
  shop,
  newVisitor,
  guard,
}) => {
  const event = await shop.open({ maxTickets: 1, shards: 1 })
  const visitors = [page, await newVisitor()]
  guard.expect(/^POST \/events\/.*: 409$/, 'one of the two is refused')
  // Both requests have left before the first is let through: no figures can warn the second visitor.
  let letGo = () => {}
  const bothSent = new Promise<void>((resolve) => (letGo = resolve))
  let sent = 0
  for (const visitor of visitors) {
    await visitor.goto(event.booking)
    await choose(visitor, 'Normal', 1)
    await visitor.route('**/events/*/*/*', async (route) => {
      if (++sent === visitors.length) letGo()
      await bothSent
      await route.continue()
    })
  }
  await Promise.all(visitors.map((visitor) => visitor.getByRole('button', { name: 'Hold 1 ticket' }).click()))
  const outcomes = await Promise.all(
    visitors.map(async (visitor) => {
      const [won, lost] = [visitor.getByRole('timer'), visitor.getByRole('alert')]
      await expect(won.or(lost)).toBeVisible()
      return won.isVisible()
    }),
  )
  expect(outcomes.toSorted()).toEqual([false, true])
  const [winner, loser] = outcomes[0] ? visitors : visitors.toReversed()
  await expect(loser!.getByRole('alert')).toContainText('Sold out')
  await expect(loser!.getByRole('alert')).toContainText('Nothing is held for you')

  // The winner changes their mind; the loser sees it without doing anything, and takes it.
  await winner!.getByRole('button', { name: 'Let the tickets go' }).click()
  await winner!.getByRole('button', { name: 'Let them go' }).click()
  await expect(winner!.getByRole('heading', { name: 'You let these tickets go' })).toBeVisible()
  await expect(loser!.getByText('1 of 1 left')).toBeVisible()
  await loser!.getByRole('button', { name: 'Hold 1 ticket' }).click()
  await expect(loser!.getByRole('timer')).toBeVisible()
  expect(await shop.reserved(event)).toEqual([1])
})

test('who asks for more than is left is offered what is left', async ({ page, shop, guard }) => {
  const event = await shop.open({ maxTickets: 5, types: { Normal: null, Discount: 2 } })
  guard.expect(/^POST \/events\/.*: 409$/, 'fewer are left than were asked for')
  await page.goto(event.booking)
  await choose(page, 'Normal', 3)
  await choose(page, 'Discount', 2)
  // The figures stand still, so that somebody else can be quicker.
  await page.route('**/events/*?**', () => {})
  await shop.hold(event, [
    { tickettypeId: event.types['Normal']!, quantity: 1 },
    { tickettypeId: event.types['Discount']!, quantity: 1 },
  ])
  await page.getByRole('button', { name: 'Hold 5 tickets' }).click()
  const box = page.getByRole('alert')
  await expect(box).toContainText('Not that many are left')
  await expect(box).toContainText('You asked for 3 × Normal, 2 × Discount.')
  await expect(box).toContainText('Of these, 3 × Normal can still be had.')
  await page.unroute('**/events/*?**')
  await box.getByRole('button', { name: 'Hold the 3 tickets that can be had' }).click()
  await expect(page.getByRole('heading', { name: HELD })).toBeVisible()
  await expect(page.getByText('3 tickets: 3 × Normal')).toBeVisible()
  expect((await shop.reserved(event)).toSorted()).toEqual([2, 3])
})

test('all of it goes by keyboard alone', async ({ page, shop }) => {
  const event = await shop.open({ maxTickets: 5 })
  await page.goto('/')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused()
  await page.keyboard.press('Enter')
  await tabTo(page, page.getByRole('searchbox'))
  await page.keyboard.type(event.name)
  await expect(page.getByRole('article')).toHaveCount(1)
  await tabTo(page, page.getByRole('link', { name: event.name }))
  await page.keyboard.press('Enter')
  await tabTo(page, page.getByRole('link', { name: /^Book/ }))
  await page.keyboard.press('Enter')
  await tabTo(page, page.getByRole('spinbutton'))
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('ArrowUp')
  await expect(page.getByRole('spinbutton')).toHaveValue('2')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: HELD })).toBeVisible()
  await tabTo(page, page.getByRole('button', { name: 'Let the tickets go' }))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  await expect(page.getByRole('button', { name: 'Let the tickets go' })).toBeFocused()
  await page.reload()
  await expect(page.getByRole('heading', { name: HELD })).toBeVisible()
  await tabTo(page, page.getByRole('button', { name: 'Make one up' }))
  await page.keyboard.press('Space')
  await tabTo(page, page.getByRole('button', { name: 'Pay', exact: true }))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'These 2 tickets are yours' })).toBeVisible()
})

test('an address that is no booking says so', async ({ page, guard }) => {
  guard.expect('GET /reservation/nothing: 404', 'it is no id of a reservation')
  await page.goto('/booking/nothing')
  await expect(page.getByRole('heading', { name: 'There is no booking at this address' })).toBeVisible()
})
