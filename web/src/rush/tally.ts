/**
 * What has become of the buyers of a rush. Pure.
 *
 *   set out ──> asking ──> held ──> deciding ──> paid | let go | expired | unknown
 *                  └─────> sold out | refused | failed
 *
 * Every buyer is counted exactly once behind each arrow, so that the sums must come out even.
 */

import { failureOf } from '@/failure'

/** How a request to hold tickets ends. Refused: the service was too busy, or this address asked too often. */
export type HoldEnd = 'held' | 'soldOut' | 'refused' | 'failed'
/** How a hold ends. Unknown: the service did not say, however often it was asked. */
export type SaleEnd = 'paid' | 'letGo' | 'expired' | 'unknown'

export interface Tally {
  setOut: number
  held: number
  soldOut: number
  refused: number
  failed: number
  paid: number
  letGo: number
  expired: number
  unknown: number
  ticketsHeld: number
  ticketsPaid: number
}

export const HOLD_ENDS = ['held', 'soldOut', 'refused', 'failed'] as const
export const SALE_ENDS = ['paid', 'letGo', 'expired', 'unknown'] as const

const BUSY = ['overloaded', 'rate-limited']

/** A tally of nobody. */
export function newTally(): Tally {
  const holds = { setOut: 0, held: 0, soldOut: 0, refused: 0, failed: 0, ticketsHeld: 0, ticketsPaid: 0 }
  return { ...holds, paid: 0, letGo: 0, expired: 0, unknown: 0 }
}

/** How many have set out and do not know yet whether they hold tickets. */
export function asking(tally: Tally): number {
  return HOLD_ENDS.reduce((left, end) => left - tally[end], tally.setOut)
}

/** How many hold tickets that are neither paid nor back on sale. */
export function deciding(tally: Tally): number {
  return SALE_ENDS.reduce((left, end) => left - tally[end], tally.held)
}

/** How a request to hold ended that was not granted. */
export function endOf(thrown: unknown): HoldEnd {
  const { slug } = failureOf(thrown)
  if (slug === 'sold-out') return 'soldOut'
  return slug !== null && BUSY.includes(slug) ? 'refused' : 'failed'
}
