/** A buyer of a rush, drawn by lot: what they want, and what they will do once they hold it. Pure but for the lot. */

import type { Quantities } from '@/order'
import type { RushSettings } from '@/rush/settings'

/** A number from 0 up to 1, as Math.random() draws it. */
export type Lot = () => number

/** Pay, let go, or do nothing until the time to pay is over. */
export type Decision = 'pay' | 'letGo' | 'leave'

export interface Buyer {
  readonly quantities: Quantities
  readonly decision: Decision
  readonly thinkMs: number
}

/** The next buyer. Each ticket is of a type of its own lot; thinking takes half to one and a half times the average. */
export function drawBuyer(settings: RushSettings, lot: Lot): Buyer {
  const { ticketsMin, ticketsMax, types, thinkMs } = settings
  const tickets = ticketsMin + below(ticketsMax - ticketsMin + 1, lot)
  const quantities: Record<number, number> = {}
  for (let ticket = 0; ticket < tickets; ticket++) {
    const type = types[below(types.length, lot)]
    if (type !== undefined) quantities[type] = (quantities[type] ?? 0) + 1
  }
  return { quantities, decision: decide(settings, lot()), thinkMs: thinkMs * (0.5 + lot()) }
}

function decide({ payShare, letGoShare }: RushSettings, drawn: number): Decision {
  if (drawn < payShare) return 'pay'
  return drawn < payShare + letGoShare ? 'letGo' : 'leave'
}

function below(bound: number, lot: Lot): number {
  return Math.min(bound - 1, Math.floor(lot() * bound))
}
