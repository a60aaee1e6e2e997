import { describe, expect, test } from 'vitest'
import { cityOf, daysAfter, instantOf, nameZone, readersTime, todayIn } from '@/zone'

const iso = (instant: number) => new Date(instant).toISOString()

describe('when a local time comes', () => {
  test.each([
    ['2026-12-04', '20:00:00', 'Europe/Vienna', '2026-12-04T19:00:00.000Z'],
    ['2026-07-04', '20:00', 'Europe/Vienna', '2026-07-04T18:00:00.000Z'],
    ['2026-12-04', '00:30:00', 'Asia/Tokyo', '2026-12-03T15:30:00.000Z'],
    ['2026-12-04', '20:00:00', 'UTC', '2026-12-04T20:00:00.000Z'],
    // The day before the clocks change, and the day after.
    ['2027-03-27', '23:30:00', 'Europe/Vienna', '2027-03-27T22:30:00.000Z'],
    ['2027-03-28', '03:30:00', 'Europe/Vienna', '2027-03-28T01:30:00.000Z'],
    // Twice on that day: the second; never on that day: as if the clocks had not been changed yet.
    ['2026-10-25', '02:30:00', 'Europe/Vienna', '2026-10-25T01:30:00.000Z'],
    ['2027-03-28', '02:30:00', 'Europe/Vienna', '2027-03-28T01:30:00.000Z'],
  ])('%s %s in %s', (date, time, zone, instant) => {
    expect(iso(instantOf(date, time, zone))).toBe(instant)
  })
})

describe('zones', () => {
  test('are named by their city and how far they are from Greenwich then', () => {
    expect(nameZone('Europe/Vienna', Date.parse('2026-12-04T12:00:00Z'))).toBe('Vienna (GMT+1)')
    expect(nameZone('Europe/Vienna', Date.parse('2026-07-04T12:00:00Z'))).toBe('Vienna (GMT+2)')
    expect(nameZone('UTC', 0)).toBe('UTC')
    expect(cityOf('America/Argentina/Buenos_Aires')).toBe('Buenos Aires')
  })

  test('have their own today', () => {
    const instant = Date.parse('2026-12-04T20:00:00Z')
    expect(todayIn('Asia/Tokyo', instant)).toBe('2026-12-05')
    expect(todayIn('America/New_York', instant)).toBe('2026-12-04')
  })

  test('the reader’s own time is told only where it differs', () => {
    const instant = Date.parse('2026-12-04T19:00:00Z')
    expect(readersTime(instant, 'America/Los_Angeles')).toBeNull()
    expect(readersTime(instant, 'Europe/Vienna')).toMatch(/Fri.*11:00/)
  })
})

test('days are counted over the end of a year and a change of clocks', () => {
  expect(daysAfter('2026-12-30', 3)).toBe('2027-01-02')
  expect(daysAfter('2027-03-27', 2)).toBe('2027-03-29')
})
