/**
 * Many buyers at one date. Each holds tickets, thinks, and pays, lets go, or leaves the hold to run out.
 *
 *   new ── run ──> running ── all buyers have ended ──> over
 *                     └────── stop ──> stopping: nobody sets out any more; whoever wanted to think pays or lets go at
 *                                      once, whoever wanted to leave lets go ── all have ended ──> over
 *
 * No request is left undone: what is not known is asked for again, under the same key or with the same reference, so
 * that nothing is held or paid twice.
 */

import type { HoldMade } from '@/api'
import { failureOf } from '@/failure'
import { newOrder, type Order } from '@/order'
import { drawBuyer, type Buyer, type Lot } from '@/rush/buyer'
import type { RushSettings } from '@/rush/settings'
import { Slots } from '@/rush/slots'
import { endOf, newTally, type SaleEnd, type Tally } from '@/rush/tally'

/** The requests of a buyer, and the clocks; each request throws a Failure when it is not granted. */
export interface Ways {
  hold(order: Order): Promise<HoldMade>
  pay(reservationId: string): Promise<unknown>
  release(reservationId: string): Promise<unknown>
  find(reservationId: string): Promise<unknown>
  /** Now by the server's clock, in milliseconds since 1970. */
  serverNow(): number
  /** Return after so many milliseconds, or as soon as the signal is given. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
}

type Told = 'granted' | 'gone' | 'refused' | 'unknown'

const HOLD_ATTEMPTS_MAX = 3
const SALE_ATTEMPTS_MAX = 10
const PAUSE_MS = 300
const REASONS_MAX = 5

export class Rush {
  readonly tally: Tally = newTally()
  /** How long each answered request to hold took, in milliseconds. */
  readonly latencies: number[] = []
  /** Why requests failed, and how often; the first few reasons. */
  readonly reasons = new Map<string, number>()
  readonly #settings: RushSettings
  readonly #ways: Ways
  readonly #lot: Lot
  readonly #slots: Slots
  readonly #stop = new AbortController()

  constructor(settings: RushSettings, ways: Ways, lot: Lot = Math.random) {
    this.#settings = settings
    this.#ways = ways
    this.#lot = lot
    this.#slots = new Slots(settings.atOnce)
  }

  get stopping(): boolean {
    return this.#stop.signal.aborted
  }

  /** Let nobody set out any more, and bring to an end what has begun. */
  stop(): void {
    this.#stop.abort()
  }

  /** Send all buyers. Returns when the last of them has ended; never throws. */
  async run(): Promise<void> {
    const visits: Promise<void>[] = []
    while (this.tally.setOut < this.#settings.buyers) {
      await this.#slots.take(false)
      if (this.stopping) break
      this.tally.setOut++
      visits.push(this.#visit(drawBuyer(this.#settings, this.#lot)))
    }
    await Promise.all(visits)
  }

  async #visit(buyer: Buyer): Promise<void> {
    const order = newOrder(buyer.quantities)
    const made = await this.#hold(order)
    this.#slots.give()
    if (made === null) return
    const end = await this.#sell(made, buyer)
    this.tally[end]++
    if (end === 'paid') this.tally.ticketsPaid += made.tickets.length
  }

  async #hold(order: Order): Promise<HoldMade | null> {
    for (let attempt = 1; ; attempt++) {
      const begun = performance.now()
      try {
        const made = await this.#ways.hold(order)
        this.latencies.push(performance.now() - begun)
        this.tally.held++
        this.tally.ticketsHeld += made.tickets.length
        return made
      } catch (thrown) {
        const answered = failureOf(thrown).kind !== 'unreachable'
        if (answered) this.latencies.push(performance.now() - begun)
        if (answered || attempt === HOLD_ATTEMPTS_MAX) return this.#refused(thrown)
      }
      await this.#ways.wait(PAUSE_MS * attempt)
    }
  }

  #refused(thrown: unknown): null {
    const end = endOf(thrown)
    this.tally[end]++
    if (end !== 'failed') return null
    const reason = failureOf(thrown).message
    if (this.reasons.has(reason) || this.reasons.size < REASONS_MAX) {
      this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1)
    }
    return null
  }

  async #sell(made: HoldMade, buyer: Buyer): Promise<SaleEnd> {
    if (buyer.decision === 'leave') return this.#leave(made)
    await this.#ways.wait(buyer.thinkMs, this.#stop.signal)
    return buyer.decision === 'pay' ? this.#pay(made) : this.#letGo(made)
  }

  async #pay({ reservationId }: HoldMade): Promise<SaleEnd> {
    const told = await this.#insist(() => this.#ways.pay(reservationId))
    if (told === 'granted') return 'paid'
    return told === 'gone' ? 'expired' : 'unknown'
  }

  async #letGo({ reservationId, expiresAt }: HoldMade): Promise<SaleEnd> {
    const told = await this.#insist(() => this.#ways.release(reservationId))
    if (told === 'granted') return 'letGo'
    if (told !== 'gone') return 'unknown'
    // Gone before its time: an earlier request let it go, and its answer was lost.
    return this.#ways.serverNow() < Date.parse(expiresAt) ? 'letGo' : 'expired'
  }

  /** Wait until the hold has run out, and have the service say that it has. */
  async #leave(made: HoldMade): Promise<SaleEnd> {
    const over = Date.parse(made.expiresAt)
    for (let look = 0; look < SALE_ATTEMPTS_MAX; look++) {
      await this.#ways.wait(Math.max(over - this.#ways.serverNow(), PAUSE_MS * look), this.#stop.signal)
      if (this.stopping) return this.#letGo(made)
      const told = await this.#insist(() => this.#ways.find(made.reservationId))
      if (told === 'gone') return 'expired'
      if (told !== 'granted') break
    }
    return 'unknown'
  }

  /** Ask until the service has said what it makes of it. */
  async #insist(ask: () => Promise<unknown>): Promise<Told> {
    for (let attempt = 1; attempt <= SALE_ATTEMPTS_MAX; attempt++) {
      await this.#slots.take(true)
      try {
        await ask()
        return 'granted'
      } catch (thrown) {
        const failure = failureOf(thrown)
        if (failure.slug === 'reservation-gone') return 'gone'
        if (!failure.passing) return 'refused'
      } finally {
        this.#slots.give()
      }
      await this.#ways.wait(PAUSE_MS * attempt)
    }
    return 'unknown'
  }
}

/** Return after so many milliseconds, or as soon as the signal is given. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true || ms <= 0) return Promise.resolve()
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', over)
      resolve()
    }
    const timer = setTimeout(over, ms)
    signal?.addEventListener('abort', over)
  })
}
