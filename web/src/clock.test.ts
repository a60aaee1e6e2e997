import { describe, expect, test } from 'vitest'
import { boundsOf, hearServer, narrowed, serverNow } from '@/clock'

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
    expect(Math.abs(serverNow() - Date.now())).toBeLessThan(50)
    const now = Date.now()
    hearServer(new Date(now + 3_600_000).toUTCString(), now, now)
    expect(Math.abs(serverNow() - Date.now() - 3_600_000)).toBeLessThan(1_100)
  })
})
