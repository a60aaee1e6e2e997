/** What is for sale in a test: events of its own, made and looked at by the admin routes of a real service. */

import { ADMIN_TOKEN } from './service.ts'

const DAY_MS = 86_400_000
const BEGAN_MS = Date.now()

export interface Offer {
  readonly name?: string
  readonly maxTickets?: number
  /** Name and limit of each ticket type; null for none of its own. */
  readonly types?: Readonly<Record<string, number | null>>
  readonly shards?: number
  readonly timeZone?: string
  readonly dates?: readonly { readonly date: string; readonly startTime: string }[]
}

export interface Shown {
  readonly id: number
  readonly name: string
  readonly date: string
  readonly startTime: string
  /** Ids of the ticket types by name. */
  readonly types: Readonly<Record<string, number>>
  /** The page of its first date. */
  readonly booking: string
}

export interface Line {
  readonly tickettypeId: number
  readonly quantity: number
}

/** A date so many days from today in UTC, YYYY-MM-DD; the same one all the time, also when midnight comes meanwhile. */
export function daysAhead(days: number): string {
  return new Date(BEGAN_MS + days * DAY_MS).toISOString().slice(0, 10)
}

let made = 0

/** A name that no other event has. */
export function newName(what: string): string {
  return `${what} ${process.pid}-${++made}-${Date.now() % 1_000_000}`
}

export class Shop {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  /** Make an event; without more, a hundred tickets of one type, in ten days at eight. */
  async open(offer: Offer = {}): Promise<Shown> {
    const dates = offer.dates ?? [{ date: daysAhead(10), startTime: '20:00' }]
    const types = await this.#typesOf(offer.types ?? { Normal: null })
    const name = offer.name ?? newName('Concert')
    const { id } = await this.#ask<{ id: number }>('POST', '/admin/events', {
      name,
      maxTickets: offer.maxTickets ?? 100,
      numShards: offer.shards ?? 2,
      timeZone: offer.timeZone ?? 'UTC',
      ticketTypes: types.map(({ id: tickettypeId, max }) => ({ tickettypeId, max })),
      dates,
    })
    const [first] = dates
    const { date, startTime } = first!
    const ids = Object.fromEntries(types.map((type) => [type.name, type.id]))
    return { id, name, date, startTime, types: ids, booking: `/event/${id}/${date}/${startTime}:00` }
  }

  /** Hold tickets as another buyer would. */
  async hold(event: Shown, lines: readonly Line[]): Promise<string> {
    const path = `/events/${event.id}/${event.date}/${event.startTime}`
    return (await this.#ask<{ reservationId: string }>('POST', path, lines)).reservationId
  }

  /** Pay what is held. */
  async pay(reservationId: string): Promise<void> {
    await this.#ask('POST', `/reservation/${reservationId}`, { paymentReference: 'paid-by-another' })
  }

  /** Let go what is held. */
  async release(reservationId: string): Promise<void> {
    await this.#ask('DELETE', `/reservation/${reservationId}`)
  }

  /** How many tickets each living reservation of the event's first date has. */
  async reserved(event: Shown): Promise<number[]> {
    const path = `/admin/events/${event.id}/${event.date}/${event.startTime}/reservations`
    const { reservations } = await this.#ask<{ reservations: { tickets: Line[] }[] }>('GET', path)
    return reservations.map(({ tickets }) => tickets.reduce((sum, { quantity }) => sum + quantity, 0))
  }

  async #typesOf(wanted: Readonly<Record<string, number | null>>) {
    const known = await this.#ask<{ ticketTypes: { id: number; name: string }[] }>('GET', '/admin/ticket-types')
    const types = []
    for (const [name, max] of Object.entries(wanted)) {
      const kept = known.ticketTypes.find((type) => type.name === name)
      const type = kept ?? (await this.#ask<{ id: number; name: string }>('POST', '/admin/ticket-types', { name }))
      types.push({ ...type, max })
    }
    return types
  }

  async #ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Type': 'application/json' }
    const response = await fetch(this.#url + path, { method, headers, body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return (response.status === 204 ? null : await response.json()) as Answer
  }
}
