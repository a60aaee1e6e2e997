import { describe, expect, test } from 'vitest'
import {
  formatAge,
  formatCountdown,
  formatDate,
  formatDuration,
  formatInstant,
  formatRate,
  formatTickets,
  formatTime,
} from '@/format'

describe('a countdown', () => {
  test.each([
    [60_000, '1:00'],
    [59_999, '1:00'],
    [59_000, '0:59'],
    [1, '0:01'],
    [0, '0:00'],
    [-5_000, '0:00'],
    [3_600_000, '60:00'],
  ])('of %i ms', (ms, shown) => {
    expect(formatCountdown(ms)).toBe(shown)
  })
})

test.each([
  [-3, '0.0 s'],
  [440, '0.4 s'],
  [12_400, '12 s'],
  [119_000, '119 s'],
  [180_000, '3 min'],
  [3 * 3_600_000, '3 h'],
])('the age of %i ms', (ms, shown) => {
  expect(formatAge(ms)).toBe(shown)
})

test('rates have a digit behind the point only where it says something', () => {
  expect([0, 0.01, 0.05, 4.25, 9.96, 120.4].map(formatRate)).toEqual(['0', '0', '0.1', '4.3', '10', '120'])
})

test('durations', () => {
  expect(formatDuration(12.4)).toBe('12 ms')
  expect(formatDuration(1_240)).toBe('1.2 s')
})

describe('dates and times', () => {
  test('a local date stays what it is, wherever the reader is', () => {
    expect(formatDate('2026-12-04', 'day')).toBe('4')
    expect(formatDate('2026-12-04', 'long')).toMatch(/Friday.*2026/)
    expect(formatDate('2026-12-01', 'month')).toBe('Dec')
  })

  test('seconds are shown only where there are any', () => {
    expect(formatTime('20:15:00')).toMatch(/15( PM)?$/)
    expect(formatTime('20:15:30')).toMatch(/15:30( PM)?$/)
    expect(formatTime('20:00:00')).toMatch(/00( PM)?$/)
  })

  test('an instant is told in the event’s zone, which is named', () => {
    expect(formatInstant('2026-12-04T19:15:07.123Z', 'Asia/Tokyo')).toMatch(/5.*2026.*15:07.*GMT\+9/)
    expect(formatInstant('2026-12-04T19:15:07.123Z', 'Asia/Tokyo', 'time')).not.toMatch(/2026/)
  })
})

test('one ticket is one', () => {
  expect(formatTickets(1)).toBe('1 ticket')
  expect(formatTickets(1200)).toMatch(/^1.200 tickets$/)
})
