/** What an event is sold as, while it is being typed: limits and shards, in total and of each type. Pure. */

import type { ChangeGiven, EventDescribed, OfferedTypeGiven, TypeChangeGiven } from '@/api'
import { readWhole, readWholeOrNone, type Read } from '@/numbers'

/** A type as it is typed; an empty limit is none, and empty shards are as many as the event's. */
export interface TypedType {
  readonly tickettypeId: number
  readonly name: string
  readonly offered: boolean
  readonly max: string
  readonly numShards: string
}

export interface TypedOffer {
  readonly name: string
  readonly maxTickets: string
  readonly numShards: string
  readonly types: readonly TypedType[]
}

/** What is wrong, by field; that of a type under its id, as 'max:3'. */
export type OfferErrors = Readonly<Record<string, string>>

const TICKETS_MAX = 1_000_000_000
const SHARDS_MAX = 256

/** What is wrong with the offer as it is typed. */
export function errorsOf(offer: TypedOffer): OfferErrors {
  const offered = offer.types.filter((type) => type.offered)
  const errors = [
    ['name', offer.name.trim() === '' ? 'An event needs a name.' : ''],
    ['maxTickets', ticketsOf(offer.maxTickets).error],
    ['numShards', readWhole(offer.numShards, 1, SHARDS_MAX).error],
    ['ticketTypes', offered.length === 0 ? 'Choose at least one type.' : ''],
    ...offered.flatMap((type) => [
      [`max:${type.tickettypeId}`, limitOf(type).error],
      [`numShards:${type.tickettypeId}`, shardsOf(type).error],
    ]),
  ] as const
  return Object.fromEntries(errors.filter(([, error]) => error !== ''))
}

/** The types of a new event as the API takes them; of an offer without errors. */
export function givenTypes(offer: TypedOffer): OfferedTypeGiven[] {
  return offer.types
    .filter((type) => type.offered)
    .map((type) => ({ tickettypeId: type.tickettypeId, max: limitOf(type).value, numShards: shardsOf(type).value }))
}

/** An event as it may be typed over; types that it does not offer yet stand below those that it does. */
export function typedOf(event: EventDescribed, others: readonly { id: number; name: string }[]): TypedOffer {
  const offered = event.ticketTypes.map((type) => ({
    tickettypeId: type.tickettypeId,
    name: type.name,
    offered: true,
    max: type.max === null ? '' : String(type.max),
    numShards: String(type.numShards),
  }))
  const known = new Set(offered.map(({ tickettypeId }) => tickettypeId))
  const rest = others.filter(({ id }) => !known.has(id)).map(({ id, name }) => newType(id, name))
  return {
    name: event.name,
    maxTickets: String(event.maxTickets),
    numShards: String(event.numShards),
    types: [...offered, ...rest],
  }
}

/** A type that is not offered. */
export function newType(tickettypeId: number, name: string): TypedType {
  return { tickettypeId, name, offered: false, max: '', numShards: '' }
}

/** Only what differs from the event as it is; of an offer without errors. Null where nothing does. */
export function changeOf(event: EventDescribed, offer: TypedOffer): ChangeGiven | null {
  const [maxTickets, numShards] = [Number(offer.maxTickets), Number(offer.numShards)]
  const types = offer.types.filter((type) => type.offered).flatMap((type) => typeChange(event, type))
  const change: ChangeGiven = {
    ...(offer.name.trim() === event.name ? {} : { name: offer.name.trim() }),
    ...(maxTickets === event.maxTickets ? {} : { maxTickets }),
    ...(numShards === event.numShards ? {} : { numShards }),
    ...(types.length === 0 ? {} : { ticketTypes: types }),
  }
  return Object.keys(change).length === 0 ? null : change
}

function typeChange(event: EventDescribed, type: TypedType): TypeChangeGiven[] {
  const { tickettypeId } = type
  const [max, shards] = [limitOf(type).value, shardsOf(type).value]
  const before = event.ticketTypes.find((each) => each.tickettypeId === tickettypeId)
  if (before === undefined) return [{ tickettypeId, max, ...(shards === null ? {} : { numShards: shards }) }]
  const change: TypeChangeGiven = {
    tickettypeId,
    ...(max === before.max ? {} : { max }),
    ...(shards === null || shards === before.numShards ? {} : { numShards: shards }),
  }
  return Object.keys(change).length === 1 ? [] : [change]
}

function ticketsOf(typed: string): Read {
  return readWhole(typed, 0, TICKETS_MAX)
}

function limitOf({ max }: TypedType): Read {
  return readWholeOrNone(max, 0, TICKETS_MAX)
}

function shardsOf({ numShards }: TypedType): Read {
  return readWholeOrNone(numShards, 1, SHARDS_MAX)
}
