import { describe, expect, test, vi } from 'vitest'
import { boundsOf, hearServer, leftOf, narrowed, serverNow } from '@/clock'

const NOON = Date.parse('2026-12-04T12:00:00Z')
const DATE = 'Fri, 04 Dec 2026 12:00:00 GMT'

describe('the server’s clock', () => {
  test('an answer bounds it by what Date leaves out and by the time under way', () => {
    expect(boundsOf(DATE, NOON - 300, NOON + 200)).toEqual({ least: -200, most: 1300 })
  })

  test('what is no date says nothing', () => {
    expect(boundsOf('soon', NOON, NOON)).toBeNull()
  })

  test('two answers say more than one', () => {
    expect(narrowed({ least: -200, most: 1300 }, { least: 400, most: 1900 })).toEqual({ least: 400, most: 1300 })
  })

  test('a clock that was set makes the newest answer count alone', () => {
    expect(narrowed({ least: 0, most: 10 }, { least: 5000, most: 6000 })).toEqual({ least: 5000, most: 6000 })
  })

  test('the first answer is taken as it is', () => {
    expect(narrowed(null, { least: 1, most: 2 })).toEqual({ least: 1, most: 2 })
  })

  test('it is this machine’s own before an answer, and an hour ahead after one that says so', () => {
    vi.useFakeTimers({ now: NOON + 300 })
    expect(serverNow()).toBe(NOON + 300)
    hearServer(new Date(NOON + 3_600_000).toUTCString(), NOON + 300, NOON + 300)
    expect(serverNow()).toBe(NOON + 3_600_500)
    vi.useRealTimers()
  })
})

describe('the time left', () => {
  const [FROM, UNTIL] = ['2026-12-04T12:00:00.250Z', '2026-12-04T12:01:00.250Z']

  test.each([
    ['a clock that lags', -700, 60_000],
    ['the moment it begins', 0, 60_000],
    ['while it runs', 12_345, 47_655],
    ['its end', 60_000, 0],
    ['afterwards', 75_000, 0],
  ])('at %s', (_, since, left) => {
    expect(leftOf(FROM, UNTIL, Date.parse(FROM) + since)).toBe(left)
  })

  test('has no bound of its own where its beginning is not known', () => {
    expect(leftOf(undefined, UNTIL, Date.parse(FROM) - 700)).toBe(60_700)
  })
})
