import { describe, expect, it } from 'vitest'
import { drawBuyer, type Lot } from '@/rush/buyer'
import { FORM, readForm, type RushSettings } from '@/rush/settings'

function settings(given: Partial<RushSettings> = {}): RushSettings {
  const { settings: read } = readForm(FORM, [1, 2, 3])
  return { ...(read as RushSettings), ...given }
}

/** Lots that repeat from a seed (mulberry32). */
function lots(seed: number): Lot {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

describe('drawBuyer', () => {
  it('keeps to the numbers of tickets and to the types', () => {
    const lot = lots(7)
    const seen = new Set<number>()
    for (let buyer = 0; buyer < 500; buyer++) {
      const { quantities } = drawBuyer(settings({ ticketsMin: 2, ticketsMax: 5, types: [1, 3] }), lot)
      const tickets = Object.values(quantities).reduce((sum, quantity) => sum + quantity, 0)
      seen.add(tickets)
      expect(Object.keys(quantities).every((type) => ['1', '3'].includes(type))).toBe(true)
    }
    expect([...seen].toSorted()).toEqual([2, 3, 4, 5])
  })

  it('mixes types', () => {
    const lot = lots(11)
    const buyers = Array.from({ length: 50 }, () => drawBuyer(settings({ ticketsMin: 4, ticketsMax: 4 }), lot))
    expect(buyers.some(({ quantities }) => Object.keys(quantities).length > 1)).toBe(true)
  })

  it('decides by the shares', () => {
    const lot = lots(3)
    const counted = { pay: 0, letGo: 0, leave: 0 }
    for (let buyer = 0; buyer < 4000; buyer++) counted[drawBuyer(settings(), lot).decision]++
    expect(counted.pay / 4000).toBeCloseTo(0.7, 1)
    expect(counted.letGo / 4000).toBeCloseTo(0.2, 1)
    expect(counted.leave / 4000).toBeCloseTo(0.1, 1)
  })

  it('lets everybody pay, or nobody', () => {
    const greatest = () => 0.999_999
    expect(drawBuyer(settings({ payShare: 1, letGoShare: 0 }), greatest).decision).toBe('pay')
    expect(drawBuyer(settings({ payShare: 0, letGoShare: 1 }), () => 0).decision).toBe('letGo')
    expect(drawBuyer(settings({ payShare: 0, letGoShare: 0 }), () => 0).decision).toBe('leave')
  })

  it('thinks around the average', () => {
    expect(drawBuyer(settings({ thinkMs: 1000 }), () => 0).thinkMs).toBe(500)
    expect(drawBuyer(settings({ thinkMs: 1000 }), () => 0.5).thinkMs).toBe(1000)
  })
})
