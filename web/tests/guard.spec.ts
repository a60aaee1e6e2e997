/** Control: what the other tests rely on to find something does find it. */

import { barriers, expect, expectNoBarriers, test, unreached } from './page.ts'

test.describe('the guard', () => {
  test.use({ judged: false })

  test('finds an error in the console', async ({ page, guard }) => {
    await page.goto('/')
    await page.evaluate(() => console.error('spilt'))
    await expect.poll(() => guard.findings()).toEqual(['console: spilt'])
  })

  test('finds an exception', async ({ page, guard }) => {
    await page.goto('/')
    await page.evaluate(() => void setTimeout(() => { throw new Error('dropped') }))
    await expect.poll(() => guard.findings()).toEqual(['exception: dropped'])
  })

  test('finds an answer that is no success, unless it belongs to the story', async ({ page, guard }) => {
    await page.goto('/')
    await page.evaluate(() => fetch('/events/999999999'))
    await expect.poll(() => guard.findings()).toEqual(['GET /events/999999999: 404'])
    guard.expect('GET /events/999999999: 404', 'there is no such event')
    expect(guard.findings()).toEqual([])
  })

  test('finds that what belongs to the story did not happen', async ({ page, guard }) => {
    guard.expect('GET /events/1: 410', 'it is said to')
    await page.goto('/')
    expect(guard.findings()).toEqual(['did not happen: GET /events/1: 410 (it is said to)'])
  })

  test('finds a request that fails', async ({ page, guard }) => {
    await page.goto('/')
    await page.route('**/events?**', (route) => route.abort('connectionrefused'))
    await page.evaluate(() => fetch('/events?q=x').catch(() => null))
    await expect.poll(() => guard.findings()).toContain('GET /events: net::ERR_CONNECTION_REFUSED')
  })

  test('finds what the Content-Security-Policy forbids: another host, style in the page', async ({ page, guard }) => {
    await page.goto('/')
    await page.evaluate(() => fetch('http://localhost:9/').catch(() => null))
    await page.evaluate(() => document.body.setAttribute('style', 'color: red'))
    await expect.poll(() => guard.findings().length).toBeGreaterThanOrEqual(2)
    const found = guard.findings().join('\n')
    expect(found).toMatch(/connect-src 'self'/)
    expect(found).toMatch(/style-src 'self'/)
  })

  test('finds a page of another host', async ({ page, guard }) => {
    await page.route('http://elsewhere.example/', (route) => route.fulfill({ body: 'elsewhere' }))
    await page.goto('http://elsewhere.example/')
    expect(guard.findings()).toEqual(['another host: http://elsewhere.example/'])
  })
})

test('axe finds text that is too pale, in a button without a name too', async ({ page }) => {
  await page.goto('/')
  await page.evaluate(() => {
    const button = document.body.appendChild(document.createElement('button'))
    const text = document.querySelector('main')!.appendChild(document.createElement('p'))
    text.textContent = 'pale'
    text.style.color = '#ddd'
    text.style.background = '#fff'
    button.className = 'nameless'
  })
  const found = (await barriers(page)).join('\n')
  expect(found).toMatch(/button-name/)
  expect(found).toMatch(/color-contrast/)
})

test('axe finds text that is too pale in the dark only', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('searchbox').waitFor()
  await page.evaluate(() => {
    const text = document.querySelector('main')!.appendChild(document.createElement('p'))
    text.textContent = 'pale at night'
    text.style.color = 'light-dark(#000, #222)'
    text.style.background = 'light-dark(#fff, #000)'
  })
  expect(await barriers(page)).toEqual([])
  await expect(expectNoBarriers(page)).rejects.toThrow(/color-contrast.*pale at night/)
})

test('a control that Tab does not reach is found, and one that does not show the focus', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('searchbox').waitFor()
  expect(await unreached(page)).toEqual([])
  await page.evaluate(() => {
    const main = document.querySelector('main')!
    const skipped = main.appendChild(document.createElement('button'))
    skipped.tabIndex = -1
    skipped.textContent = 'skipped'
    const unseen = main.appendChild(document.createElement('button'))
    unseen.style.outline = 'none'
    unseen.textContent = 'unseen'
  })
  const found = (await unreached(page)).join('\n')
  expect(found).toMatch(/skipped/)
  expect(found).toMatch(/unseen/)
})
