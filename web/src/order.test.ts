import { describe, expect, test } from 'vitest'
import type { HoldLine } from '@/api'
import type { Left } from '@/failure'
import { linesOf, newOrder, offerOf, roomFor, ticketsOf } from '@/order'

const NORMAL = 1
const DISCOUNT = 2

function left(available: number, normal: number, discount: number): Left {
  const ticketTypes = [
    { tickettypeId: NORMAL, available: normal },
    { tickettypeId: DISCOUNT, available: discount },
  ]
  return { available, ticketTypes }
}

function lines(normal: number, discount: number): HoldLine[] {
  return [
    { tickettypeId: NORMAL, quantity: normal },
    { tickettypeId: DISCOUNT, quantity: discount },
  ]
}

describe('an offer after a refusal', () => {
  test('is what was wanted, where that is there by now', () => {
    expect(offerOf(lines(2, 1), left(10, 10, 10))).toEqual(lines(2, 1))
  })

  test('keeps to what is left of each type', () => {
    expect(offerOf(lines(5, 5), left(10, 3, 2))).toEqual(lines(3, 2))
  })

  test('keeps to what is left in total, first line first', () => {
    expect(offerOf(lines(5, 5), left(6, 6, 6))).toEqual(lines(5, 1))
  })

  test('leaves out what is not there at all', () => {
    expect(offerOf(lines(5, 5), left(3, 0, 3))).toEqual([{ tickettypeId: DISCOUNT, quantity: 3 }])
    expect(offerOf(lines(5, 0), left(0, 0, 0))).toEqual([])
  })

  test('knows nothing of a type that the event no longer offers', () => {
    expect(offerOf([{ tickettypeId: 9, quantity: 1 }], left(5, 5, 5))).toEqual([])
  })
})

describe('the room for a type', () => {
  test('is its own, or what the others’ choice leaves of the total', () => {
    expect(roomFor(NORMAL, { [NORMAL]: 2, [DISCOUNT]: 3 }, left(10, 9, 5))).toBe(7)
    expect(roomFor(NORMAL, {}, left(10, 4, 5))).toBe(4)
  })

  test('is never less than none', () => {
    expect(roomFor(NORMAL, { [DISCOUNT]: 9 }, left(5, 5, 5))).toBe(0)
  })
})

describe('an order', () => {
  test('has a line for each type of which something is wanted', () => {
    expect(linesOf({ [NORMAL]: 0, [DISCOUNT]: 2 })).toEqual([{ tickettypeId: DISCOUNT, quantity: 2 }])
    expect(ticketsOf(lines(2, 3))).toBe(5)
  })

  test('has a key of its own, as the service takes it', () => {
    const [first, second] = [newOrder({ [NORMAL]: 1 }), newOrder({ [NORMAL]: 1 })]
    expect(first.key).toMatch(/^[0-9a-f]{32}$/)
    expect(first.key).not.toBe(second.key)
    expect(first.lines).toEqual(second.lines)
  })
})
