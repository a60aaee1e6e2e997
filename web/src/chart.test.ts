import { describe, expect, it } from 'vitest'
import { ceilingOf, mostOf, pathOf, summaryOf } from '@/chart'
import type { Rates } from '@/rates'

const RATES: readonly Rates[] = [
  { at: 0, perSecond: { held: 10, failed: 0 } },
  { at: 1000, perSecond: { held: 20, failed: 30 } },
  { at: 2000, perSecond: null },
  { at: 4000, perSecond: { held: 0, failed: 0 } },
]

describe('ceilingOf', () => {
  it('is a short number that is no less', () => {
    const wanted = [0, 4, 4.1, 9, 10, 11, 21, 41, 99, 101, 1500]
    expect(wanted.map((most) => ceilingOf(most))).toEqual([4, 4, 5, 10, 10, 20, 40, 50, 100, 200, 2000])
  })
})

describe('pathOf', () => {
  const frame = { width: 400, height: 100, from: 0, until: 4000, ceiling: 40 }

  it('draws from left to right, and lifts the pen where nothing is known', () => {
    expect(pathOf(RATES, 'held', frame)).toBe('M0.0 75.0L100.0 50.0M400.0 100.0')
  })

  it('draws nothing of a name that is not there, and nothing above the ceiling', () => {
    expect(pathOf(RATES, 'paid', frame)).toBe('')
    expect(pathOf(RATES, 'failed', { ...frame, ceiling: 10 })).toContain('L100.0 0.0')
  })
})

describe('summaries', () => {
  it('leave out what is not known', () => {
    expect(summaryOf(RATES, 'held')).toEqual({ now: 0, mean: 10, most: 20 })
    expect(summaryOf([], 'held')).toEqual({ now: 0, mean: 0, most: 0 })
  })

  it('find the greatest of several names', () => {
    expect(mostOf(RATES, ['held', 'failed'])).toBe(30)
    expect(mostOf(RATES, ['held'])).toBe(20)
    expect(mostOf([], ['held'])).toBe(0)
  })
})
