/**
 * An order: the tickets somebody asked for, with the Idempotency-Key under which they were asked for.
 *
 *   none ── send ──> under way ── held ──> none (the reservation goes on)
 *                       │  └───── refused ──> none (nothing is held)
 *                       └──────── no clear answer ──> open: asked again with the same key, it holds nothing twice
 *
 * An order that is under way or open is kept in the tab: it survives a reload.
 */

import type { HoldLine } from '@/api'
import type { Left } from '@/failure'
import { readKept, writeKept } from '@/kept'
import type { DateAddress } from '@/router'

export type Quantities = Readonly<Record<number, number>>

export interface Order {
  readonly key: string
  readonly lines: readonly HoldLine[]
}

const KEY_BYTES = 16

/** A new order of these quantities, with a key of its own. */
export function newOrder(quantities: Quantities): Order {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES))
  const key = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return { key, lines: linesOf(quantities) }
}

/** The lines of all quantities above 0. */
export function linesOf(quantities: Quantities): HoldLine[] {
  const wanted = Object.entries(quantities).filter(([, quantity]) => quantity > 0)
  return wanted.map(([type, quantity]) => ({ tickettypeId: Number(type), quantity }))
}

/** How many tickets that is. */
export function ticketsOf(lines: readonly HoldLine[]): number {
  return lines.reduce((sum, line) => sum + line.quantity, 0)
}

/** As much of what was wanted as is left, line by line, within the total; nothing at all is an empty list. */
export function offerOf(wanted: readonly HoldLine[], left: Left): HoldLine[] {
  let total = left.available
  const offered: HoldLine[] = []
  for (const line of wanted) {
    const ofType = left.ticketTypes.find((each) => each.tickettypeId === line.tickettypeId)?.available ?? 0
    const quantity = Math.min(line.quantity, ofType, total)
    total -= quantity
    if (quantity > 0) offered.push({ ...line, quantity })
  }
  return offered
}

/** How many of a type may be chosen: no more than its own room, nor than the others' choice leaves of the total. */
export function roomFor(type: number, quantities: Quantities, left: Left): number {
  const others = ticketsOf(linesOf({ ...quantities, [type]: 0 }))
  const ofType = left.ticketTypes.find((each) => each.tickettypeId === type)?.available ?? 0
  return Math.max(0, Math.min(ofType, left.available - others))
}

/** The order for a date that this tab has sent and not seen answered. */
export function keptOrder(address: DateAddress): Order | null {
  const kept = readKept(sessionStorage, keyOf(address))
  return isOrder(kept) ? kept : null
}

/** Keep the order for a date in this tab; null forgets it. */
export function keepOrder(address: DateAddress, order: Order | null): void {
  writeKept(sessionStorage, keyOf(address), order)
}

function keyOf(address: DateAddress): string {
  return `order:${address.eventId}/${address.date}/${address.startTime}`
}

function isOrder(value: unknown): value is Order {
  return typeof value === 'object' && value !== null && 'key' in value && 'lines' in value && Array.isArray(value.lines)
}
