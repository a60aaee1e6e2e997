/** Running the sale: signing in, making events, changing what is sold, looking at who has reserved. */

import type { Page } from '@playwright/test'
import { asAdmin, behind, signIn } from './admin.ts'
import { ADMIN_TOKEN } from './service.ts'
import { daysAhead, newName } from './shop.ts'
import { expect, tabTo, test } from './page.ts'

async function fill(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value)
}

test.describe('signing in', () => {
  test('takes the service’s token only, keeps it in the tab, and forgets it on request', async ({
    page,
    newVisitor,
    guard,
  }) => {
    guard.expect('GET /admin/ticket-types: 401', 'the first token is wrong')
    await page.goto('/manage')
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeDisabled()
    await fill(page, { 'Admin token': 'not-the-token-of-this-service' })
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByText('The service does not know this token.')).toBeVisible()
    await fill(page, { 'Admin token': 'schöner token' })
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByText('A token has no spaces and no such characters.')).toBeVisible()
    await signIn(page)
    await expect(page.getByRole('heading', { name: 'Ticket types' })).toBeVisible()
    await page.reload()
    await expect(page.getByRole('heading', { name: 'Ticket types' })).toBeVisible()
    expect(await page.evaluate(() => Object.values(localStorage).join(' '))).not.toContain('token-of-the-browser')

    const other = await newVisitor()
    await other.goto('/manage')
    await expect(other.getByLabel('Admin token')).toBeVisible()

    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page.getByLabel('Admin token')).toBeVisible()
    await page.reload()
    await expect(page.getByLabel('Admin token')).toBeVisible()
  })

  test('is asked for by every view behind the counter, which then goes on', async ({ page, shop }) => {
    const event = await shop.open()
    const dates = [behind('shards', event), behind('rush', event), behind('manage/event', event)]
    for (const address of [`/manage/event/${event.id}`, ...dates]) {
      await page.goto(address)
      await expect(page.getByLabel('Admin token'), address).toBeVisible()
    }
    await signIn(page)
    await expect(page.getByText('Nobody has reserved anything')).toBeVisible()
    await page.goto(behind('shards', event))
    await expect(page.getByRole('region', { name: 'Shards of Total' })).toBeVisible()
  })

  test('is asked for again when the service no longer takes the token', async ({ page, shop, guard }) => {
    guard.expect(/GET \/admin\/.*: 401/, 'the token is of another service')
    await asAdmin(page, 'the-token-of-yesterday')
    await page.goto(behind('shards', await shop.open()))
    await expect(page.getByText('The service no longer takes the token of this tab.')).toBeVisible()
    await signIn(page)
    await expect(page.getByRole('region', { name: 'Shards of Total' })).toBeVisible()
  })
})

test('an event is made with a new type and a recurrence that is previewed, and is on sale', async ({ page }) => {
  const [name, type] = [newName('Ballet'), newName('Student')]
  await asAdmin(page)
  await page.goto('/manage')
  await page.getByRole('link', { name: 'Make an event' }).click()
  await page.getByLabel('New ticket type').fill(type)
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(page.getByRole('checkbox', { name: type })).toBeChecked()
  await fill(page, {
    Name: name,
    'Tickets for each date': '300',
    'Shards of the total': '4',
    [`Limit of ${type}`]: '120',
    'Time zone': 'Europe/Vienna',
    'First date': '2031-03-04',
    'Start time': '19:30',
    'How many dates': '6',
  })
  await expect(page.getByText('This makes 6 dates')).toBeVisible()
  for (const day of ['Thu', 'Tue']) await page.getByText(day, { exact: true }).click()
  await expect(page.getByText('FREQ=WEEKLY;BYDAY=TU,TH;COUNT=6')).toBeVisible()
  const preview = page.getByRole('listitem').filter({ hasText: '2031' })
  await expect(preview.nth(1)).toContainText('6 Mar 2031')
  await expect(preview).toHaveCount(6)
  await page.getByRole('button', { name: 'Make the event' }).click()

  await expect(page).toHaveURL(/\/manage\/event\/\d+$/)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name)
  await expect(page.getByText('all times are Europe/Vienna')).toBeVisible()
  await expect(page.getByText('300 of 300 left')).toHaveCount(6)
  await page.getByRole('link', { name: 'See it as visitors do' }).click()
  await expect(page.getByRole('article')).toHaveCount(6)
  await expect(page.getByRole('article').first()).toContainText('120 of 120')
  await page.goto(`/?q=${encodeURIComponent(name)}`)
  await expect(page.getByRole('article')).toHaveCount(1)
})

test('dates one by one, and a rule in its own words', async ({ page, shop }) => {
  await shop.open({ types: { Normal: null } })
  const name = newName('Reading')
  await asAdmin(page)
  await page.goto('/manage?make')
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByRole('checkbox', { name: 'Normal', exact: true }).check()
  await page.getByText('One by one').click()
  await fill(page, { 'Date 1': '2031-05-01', 'Start time 1': '18:00' })
  await page.getByRole('button', { name: 'One more date' }).click()
  await expect(page.getByLabel('Start time 2')).toHaveValue('18:00')
  await page.getByLabel('Date 2', { exact: true }).fill('2031-05-02')
  await page.getByRole('button', { name: 'One more date' }).click()
  await page.getByRole('button', { name: 'Remove date 3' }).click()
  await page.getByRole('button', { name: 'Make the event' }).click()
  await expect(page.getByText('1,000 of 1,000 left')).toHaveCount(2)

  await page.getByText('By a rule').click()
  await page.getByLabel('First date').fill('2031-06-07')
  await page.getByLabel('It repeats').selectOption('By a rule of my own')
  await expect(page.getByLabel('Rule (RRULE of RFC 5545)')).toHaveValue('FREQ=WEEKLY;COUNT=10')
  await page.getByLabel('Rule (RRULE of RFC 5545)').fill('FREQ=MONTHLY;BYDAY=1SA;COUNT=3')
  await expect(page.getByText('This makes 3 dates')).toBeVisible()
  await page.getByRole('button', { name: 'Add them' }).click()
  await expect(page.getByText('3 dates are added.')).toBeVisible()
  await expect(page.getByText('1,000 of 1,000 left')).toHaveCount(5)
})

test('what is wrong is said at its field, by the page or by the service', async ({ page, shop, guard }) => {
  guard.expect('POST /admin/recurrence: 422', 'the rule and the zone are none')
  guard.expect('POST /admin/events: 422', 'the zone is none')
  await shop.open({ types: { Normal: null } })
  await asAdmin(page)
  await page.goto('/manage?make')
  const wrong = (label: string) => page.getByRole('textbox', { name: label, exact: true })
  await page.getByRole('button', { name: 'Make the event' }).click()
  await expect(page.getByText('An event needs a name.')).toBeVisible()
  await expect(page.getByText('Choose at least one type.')).toBeVisible()
  await expect(wrong('Name')).toBeFocused()
  await fill(page, { Name: newName('Wrong'), 'Tickets for each date': '-1', 'Shards of the total': '300' })
  await expect(page.getByText('This must be from 0 to 1,000,000,000.')).toBeVisible()
  await expect(page.getByText('This must be from 1 to 256.')).toBeVisible()
  await fill(page, { 'Tickets for each date': '10', 'Shards of the total': '2', 'First date': '2031-06-07' })
  await page.getByRole('checkbox', { name: 'Normal', exact: true }).check()

  await page.getByLabel('It repeats').selectOption('By a rule of my own')
  await page.getByLabel('Rule (RRULE of RFC 5545)').fill('FREQ=SOMETIMES')
  await expect(page.getByText('FREQ must be one of')).toBeVisible()
  await page.getByLabel('Rule (RRULE of RFC 5545)').fill('FREQ=DAILY;COUNT=2')
  await expect(page.getByText('This makes 2 dates')).toBeVisible()
  await page.getByLabel('Time zone').fill('Mars/Olympus')
  await page.getByRole('button', { name: 'Make the event' }).click()
  await expect(page.getByRole('alert')).toContainText('The event was not made')
  await expect(page.getByLabel('Time zone')).toHaveAccessibleDescription(/There is no time zone 'Mars\/Olympus'/)
  await expect(page.getByLabel('Time zone')).toBeFocused()
})

test('limits are raised and lowered, but never below what is sold', async ({ page, shop, guard }) => {
  guard.expect(/PATCH \/admin\/events\/\d+: 409/, 'more is sold than the new limit')
  const event = await shop.open({ maxTickets: 100, types: { Normal: 80, Guest: null } })
  await shop.pay(await shop.hold(event, [{ tickettypeId: event.types['Normal']!, quantity: 30 }]))
  await asAdmin(page)
  await page.goto(`/manage/event/${event.id}`)
  const change = page.getByRole('button', { name: 'Change it' })
  await expect(change).toBeDisabled()
  await fill(page, { 'Tickets for each date': '20' })
  await change.click()
  await expect(page.getByRole('alert')).toContainText('Nothing was changed')
  const total = page.getByLabel('Tickets for each date')
  await expect(total).toHaveAccessibleDescription(/^30 are held or paid on the fullest/)
  await expect(total).toBeFocused()

  await fill(page, { 'Tickets for each date': '120', 'Limit of Normal': '29' })
  await change.click()
  await expect(page.getByLabel('Limit of Normal')).toHaveAccessibleDescription(/^30 are held or paid on the fullest/)
  await expect(page.getByText('70 of 100 left')).toBeVisible()
  await fill(page, { 'Limit of Normal': '30' })
  await change.click()
  await expect(page.getByText('Changed, on all dates.')).toBeVisible()
  await expect(page.getByText('90 of 120 left')).toBeVisible()
  await expect(change).toBeDisabled()

  await fill(page, { 'Limit of Guest': '7' })
  await page.getByRole('button', { name: 'Put it back' }).click()
  await expect(page.getByLabel('Limit of Guest')).toHaveValue('')
})

test('an event is resharded while it is sold, and offers one more type', async ({ page, shop }) => {
  const other = await shop.open({ types: { Discount: null } })
  const event = await shop.open({ maxTickets: 100, shards: 2, types: { Normal: 80 } })
  await shop.hold(event, [{ tickettypeId: event.types['Normal']!, quantity: 9 }])
  await asAdmin(page)
  await page.goto(`/manage/event/${event.id}`)
  await fill(page, { 'Shards of the total': '16', 'Shards of Normal': '5' })
  await page.getByRole('checkbox', { name: 'Discount', exact: true }).check()
  await fill(page, { 'Limit of Discount': '40' })
  await page.getByRole('button', { name: 'Change it' }).click()
  await expect(page.getByText('Changed, on all dates.')).toBeVisible()
  await expect(page.getByRole('checkbox', { name: 'Discount', exact: true })).toBeDisabled()
  await page.getByRole('navigation', { name: /^Views of/ }).getByRole('link', { name: 'Shards' }).click()
  const tiles = (name: string) => page.getByRole('region', { name: `Shards of ${name}`, exact: true }).locator('.tile')
  await expect(tiles('Total')).toHaveCount(16)
  await expect(tiles('Normal')).toHaveCount(5)
  await expect(tiles('Discount')).toHaveCount(16)
  await expect(page.getByRole('region', { name: 'Shards of Total', exact: true })).toContainText('9 of 100 taken')
  await page.goto(`/manage/event/${event.id}`)
  await page.getByRole('button', { name: 'Recount' }).click()
  await expect(page.getByText('The audit finds everything right')).toBeVisible()
  expect(other.types['Discount']).toBeGreaterThan(0)
})

test('dates that are there already are not added again', async ({ page, shop, guard }) => {
  guard.expect(/POST \/admin\/events\/\d+\/dates: 409/, 'the event has this date')
  const event = await shop.open()
  await asAdmin(page)
  await page.goto(`/manage/event/${event.id}`)
  await page.getByRole('button', { name: 'Add them' }).click()
  await expect(page.getByText('Say when.')).toBeVisible()
  await fill(page, { 'Date 1': event.date, 'Start time 1': event.startTime })
  await page.getByRole('button', { name: 'Add them' }).click()
  await expect(page.getByRole('alert')).toContainText('No date was added')
  await expect(page.getByRole('alert')).toContainText(event.date)
  await fill(page, { 'Start time 1': '23:00' })
  await expect(page.getByRole('alert')).toHaveCount(0)
  await page.getByRole('button', { name: 'Add them' }).click()
  await expect(page.getByText('1 date is added.')).toBeVisible()
  await expect(page.getByText('100 of 100 left')).toHaveCount(2)
})

test('past dates are shown on request, and an event without dates is found by its number', async ({ page, shop }) => {
  const event = await shop.open({ dates: [{ date: daysAhead(-3), startTime: '20:00' }] })
  await asAdmin(page)
  await page.goto('/manage')
  await page.getByRole('searchbox').fill(String(event.id))
  await page.getByRole('link', { name: `Open event no. ${event.id}` }).click()
  await expect(page.getByText('No date is ahead. Add some.')).toBeVisible()
  await page.getByRole('link', { name: 'Past ones too' }).click()
  await expect(page.getByText('100 of 100 left')).toBeVisible()
  await page.getByRole('link', { name: 'Only those ahead' }).click()
  await expect(page.getByText('No date is ahead. Add some.')).toBeVisible()
})

test('the reservations of a date are listed page by page, and by what they are', async ({ page, shop }) => {
  const event = await shop.open({ types: { Normal: 60, Discount: 60 } })
  const lines = [
    { tickettypeId: event.types['Normal']!, quantity: 2 },
    { tickettypeId: event.types['Discount']!, quantity: 1 },
  ]
  for (let hold = 0; hold < 25; hold++) {
    const reservation = await shop.hold(event, lines)
    if (hold < 3) await shop.pay(reservation)
  }
  await asAdmin(page)
  await page.goto(`/manage/event/${event.id}`)
  await page.getByRole('navigation', { name: /^Views of/ }).getByRole('link', { name: 'Reservations' }).click()
  const rows = page.getByRole('link', { name: /^Reservation / })
  await expect(rows).toHaveCount(20)
  await expect(page.getByText('75 of 100 tickets are held or paid.')).toBeVisible()
  await expect(page.getByText('2 × Normal, 1 × Discount').first()).toBeVisible()
  await expect(page.getByText(/held since .*, 0:\d\d left to pay/).first()).toBeVisible()
  await page.getByRole('link', { name: 'Next' }).click()
  await expect(rows).toHaveCount(5)
  await page.getByText('Paid', { exact: true }).first().click()
  await expect(page).toHaveURL(/state=paid$/)
  await expect(rows).toHaveCount(3)
  await expect(page.getByText('with paid-by-another').first()).toBeVisible()
  await page.reload()
  await expect(rows).toHaveCount(3)
  await rows.first().click()
  await expect(page.getByRole('heading', { name: 'These 3 tickets are yours' })).toBeVisible()
})

test('an event and a date that are not there say so', async ({ page, shop, guard }) => {
  guard.expect('GET /admin/events/999999999: 404', 'there is no such event')
  guard.expect(/GET \/admin\/events\/.*\/reservations: 404/, 'there is no such date')
  const event = await shop.open()
  await asAdmin(page)
  await page.goto('/manage/event/999999999')
  await expect(page.getByRole('heading', { name: 'There is no event with this number' })).toBeVisible()
  await page.goto(`/manage/event/${event.id}/${event.date}/03:33:00`)
  await expect(page.getByRole('heading', { name: 'The event has no such date' })).toBeVisible()
})

test('an event is made by keyboard alone, from signing in to its shards', async ({ page, shop }) => {
  await shop.open({ types: { Normal: null } })
  const name = newName('Recital')
  const { keyboard } = page
  await page.goto('/manage')
  await tabTo(page, page.getByLabel('Admin token'))
  await keyboard.type(ADMIN_TOKEN)
  await keyboard.press('Enter')
  await expect(page.getByRole('link', { name: 'Make an event' })).toBeVisible()
  await tabTo(page, page.getByRole('link', { name: 'Make an event' }))
  await keyboard.press('Enter')
  await tabTo(page, page.getByLabel('Name', { exact: true }))
  await keyboard.type(name)
  await tabTo(page, page.getByRole('checkbox', { name: 'Normal', exact: true }))
  await keyboard.press('Space')
  await tabTo(page, page.getByRole('radio', { name: 'By a rule' }))
  await keyboard.press('ArrowRight')
  await expect(page.getByRole('radio', { name: 'One by one' })).toBeChecked()
  await tabTo(page, page.getByLabel('Date 1', { exact: true }))
  await keyboard.type('01062031')
  await keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name)
  const shards = page.getByRole('navigation', { name: /^Views of/ }).getByRole('link', { name: 'Shards' })
  await expect(shards).toHaveCount(1)
  await tabTo(page, shards)
  await keyboard.press('Enter')
  await expect(page.getByRole('region', { name: 'Shards of Total' })).toBeVisible()
  await tabTo(page, page.getByText('The same as a table').first())
  await keyboard.press('Enter')
  await expect(page.getByRole('table').first()).toContainText('Exhausted')
})
