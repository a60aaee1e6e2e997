import { describe, expect, it } from 'vitest'
import type { EventDescribed } from '@/api'
import { changeOf, errorsOf, givenTypes, newType, typedOf, type TypedOffer } from '@/manage/offer'

const EVENT: EventDescribed = {
  id: 7,
  name: 'Figaro',
  timeZone: 'Europe/Vienna',
  maxTickets: 1000,
  numShards: 8,
  ticketTypes: [
    { tickettypeId: 1, name: 'Normal', max: 900, numShards: 4 },
    { tickettypeId: 2, name: 'Guest', max: null, numShards: 8 },
  ],
}
const OTHERS = [
  { id: 1, name: 'Normal' },
  { id: 3, name: 'Discount' },
]

function typed(given: Partial<TypedOffer> = {}): TypedOffer {
  return { ...typedOf(EVENT, OTHERS), ...given }
}

function withType(id: number, given: object): TypedOffer {
  const types = typed().types.map((type) => (type.tickettypeId === id ? { ...type, ...given } : type))
  return typed({ types })
}

describe('errorsOf', () => {
  it('finds nothing in an event as it is', () => {
    expect(errorsOf(typed())).toEqual({})
  })

  it('names each field that is wrong, of types by their id', () => {
    const wrong = { ...withType(1, { max: 'x', numShards: '257' }), name: ' ', maxTickets: '', numShards: '0' }
    expect(Object.keys(errorsOf(wrong)).toSorted()).toEqual(['max:1', 'maxTickets', 'name', 'numShards', 'numShards:1'])
  })

  it('does not look at types that are not offered, but wants one that is', () => {
    expect(errorsOf(withType(3, { max: 'x' }))).toEqual({})
    expect(errorsOf(typed({ types: [newType(3, 'Discount')] }))).toEqual({ ticketTypes: 'Choose at least one type.' })
  })
})

describe('givenTypes', () => {
  it('gives those that are offered; what is empty is none, or as the event has it', () => {
    expect(givenTypes(withType(3, { offered: true }))).toEqual([
      { tickettypeId: 1, max: 900, numShards: 4 },
      { tickettypeId: 2, max: null, numShards: 8 },
      { tickettypeId: 3, max: null, numShards: null },
    ])
  })
})

describe('changeOf', () => {
  it('is null where nothing differs', () => {
    expect(changeOf(EVENT, typed())).toBeNull()
    expect(changeOf(EVENT, typed({ name: ' Figaro ' }))).toBeNull()
    expect(changeOf(EVENT, withType(2, { numShards: '' }))).toBeNull()
  })

  it('names only what differs', () => {
    expect(changeOf(EVENT, typed({ maxTickets: '1200' }))).toEqual({ maxTickets: 1200 })
    expect(changeOf(EVENT, typed({ numShards: '16', name: 'Tosca' }))).toEqual({ numShards: 16, name: 'Tosca' })
    expect(changeOf(EVENT, withType(1, { max: '' }))).toEqual({ ticketTypes: [{ tickettypeId: 1, max: null }] })
    expect(changeOf(EVENT, withType(2, { numShards: '2' }))).toEqual({
      ticketTypes: [{ tickettypeId: 2, numShards: 2 }],
    })
  })

  it('offers a type that was not offered', () => {
    expect(changeOf(EVENT, withType(3, { offered: true, max: '50' }))).toEqual({
      ticketTypes: [{ tickettypeId: 3, max: 50 }],
    })
  })
})
