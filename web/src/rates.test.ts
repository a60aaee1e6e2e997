import { describe, expect, it } from 'vitest'
import type { LiveCounts } from '@/api'
import { flightBars, ratesOf, risenOver, sampleOf, withSample, type Sample } from '@/rates'

function sample(at: number, held: number, teller = 'one'): Sample {
  return { at, counts: { held }, teller }
}

function live(given: Partial<LiveCounts>): LiveCounts {
  const holds = { held: 0, replayed: 0, soldOut: 0, overloaded: 0, failed: 0, other: 0 }
  const rest = { processes: 2, silent: 0, paid: 0, released: 0, expired: 0, flights: 0, flightSizes: [] }
  return { at: '2026-12-01T18:00:00Z', holds, ...rest, ...given }
}

describe('ratesOf', () => {
  it('divides what rose by the time that passed', () => {
    expect(ratesOf([sample(0, 5), sample(500, 10), sample(2500, 10)])).toEqual([
      { at: 500, perSecond: { held: 10 } },
      { at: 2500, perSecond: { held: 0 } },
    ])
  })

  it('is interrupted where counts fell, others told them, or the page looked away', () => {
    expect(ratesOf([sample(0, 5), sample(1000, 3)])).toEqual([{ at: 1000, perSecond: null }])
    expect(ratesOf([sample(0, 5), sample(1000, 9, 'two')])).toEqual([{ at: 1000, perSecond: null }])
    expect(ratesOf([sample(0, 5), sample(60_000, 9)])).toEqual([{ at: 60_000, perSecond: null }])
  })

  it('knows nothing from one sample', () => {
    expect(ratesOf([sample(0, 5)])).toEqual([])
  })
})

describe('withSample', () => {
  it('keeps the span and one sample before it', () => {
    let samples: readonly Sample[] = []
    for (let second = 0; second <= 10; second++) samples = withSample(samples, sample(second * 1000, second), 3000)
    expect(samples.map(({ at }) => at)).toEqual([7000, 8000, 9000, 10_000])
  })

  it('takes no moment twice', () => {
    const samples = withSample([], sample(1000, 1), 3000)
    expect(withSample(samples, sample(1000, 1), 3000)).toBe(samples)
    expect(withSample(samples, sample(900, 1), 3000)).toBe(samples)
  })
})

describe('risenOver', () => {
  it('adds up what rose, and leaves out what is not known', () => {
    const samples = [sample(0, 5), sample(1000, 9), sample(2000, 1), sample(3000, 2), sample(63_000, 12)]
    expect(risenOver(samples)).toEqual({ held: 4 + 1 + 10 })
  })
})

describe('sampleOf and flightBars', () => {
  const sizes = [
    { atMost: 1, flights: 3 },
    { atMost: 2, flights: 1 },
    { atMost: 4, flights: 0 },
    { atMost: null, flights: 0 },
  ]

  it('tells outcomes by name; what was repeated and what was never sellable are one', () => {
    const holds = { held: 1, replayed: 2, soldOut: 3, overloaded: 4, failed: 5, other: 6 }
    expect(sampleOf(live({ holds }))).toMatchObject({
      at: Date.UTC(2026, 11, 1, 18),
      counts: { held: 1, soldOut: 3, overloaded: 4, failed: 5, other: 8 },
    })
    expect(sampleOf(live({})).teller).not.toBe(sampleOf(live({ silent: 1 })).teller)
  })

  it('names each size by its bounds, up to the greatest that was seen', () => {
    expect(flightBars(sizes, sampleOf(live({ flightSizes: sizes })).counts)).toEqual([
      { atLeast: 1, atMost: 1, flights: 3 },
      { atLeast: 2, atMost: 2, flights: 1 },
    ])
    expect(flightBars(sizes, { 'flights:': 2 })).toHaveLength(4)
    expect(flightBars(sizes, { 'flights:': 2 }).at(-1)).toEqual({ atLeast: 5, atMost: null, flights: 2 })
    expect(flightBars(sizes, {})).toEqual([])
  })
})
