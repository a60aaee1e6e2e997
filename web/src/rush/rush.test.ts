import { describe, expect, it } from 'vitest'
import type { HoldMade } from '@/api'
import { Failure } from '@/failure'
import type { Order } from '@/order'
import { Rush, wait, type Ways } from '@/rush/rush'
import { FORM, readForm, type RushSettings } from '@/rush/settings'
import { asking, deciding, HOLD_ENDS, SALE_ENDS, type Tally } from '@/rush/tally'

const HOLD_MS = 60_000

function settings(given: Partial<RushSettings>): RushSettings {
  const { settings: read } = readForm(FORM, [1, 2])
  return { ...(read as RushSettings), thinkMs: 0, ...given }
}

function refusal(slug: string, status: number): Failure {
  const response = new Response(null, { status })
  return new Failure('refused', slug, { response, problem: { type: `/problems/${slug}`, title: slug, status } })
}

const LOST = new Failure('unreachable', 'The service does not answer.')

/** A service with so many tickets, on a clock that only waiting moves. Answers may get lost. */
class Counter implements Ways {
  now = 0
  sold = 0
  atOnce = 0
  atOnceMost = 0
  readonly keys = new Map<string, HoldMade>()
  readonly live = new Map<string, { tickets: number; expiresAt: number; paid: boolean }>()
  losesAnswer: () => boolean = () => false
  readonly #tickets: number

  constructor(tickets: number) {
    this.#tickets = tickets
  }

  hold(order: Order): Promise<HoldMade> {
    return this.#answer(() => {
      const again = this.keys.get(order.key)
      if (again !== undefined) return again
      const tickets = order.lines.flatMap(({ tickettypeId, quantity }) =>
        Array.from({ length: quantity }, (_, index) => ({ id: `${order.key}-${index}`, tickettypeId })),
      )
      if (this.sold + tickets.length > this.#tickets) throw refusal('sold-out', 409)
      this.sold += tickets.length
      const expiresAt = this.now + HOLD_MS
      this.live.set(order.key, { tickets: tickets.length, expiresAt, paid: false })
      const made = { reservationId: order.key, expiresAt: new Date(expiresAt).toISOString(), tickets }
      this.keys.set(order.key, made)
      return made
    })
  }

  pay(reservationId: string): Promise<unknown> {
    return this.#answer(() => (this.#found(reservationId).paid = true))
  }

  release(reservationId: string): Promise<unknown> {
    return this.#answer(() => {
      this.sold -= this.#found(reservationId).tickets
      return this.live.delete(reservationId)
    })
  }

  find(reservationId: string): Promise<unknown> {
    return this.#answer(() => this.#found(reservationId))
  }

  serverNow(): number {
    return this.now
  }

  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    const until = this.now + ms
    await Promise.resolve()
    if (signal?.aborted !== true) this.now = Math.max(this.now, until)
  }

  #found(reservationId: string): { tickets: number; expiresAt: number; paid: boolean } {
    const reservation = this.live.get(reservationId)
    if (reservation === undefined) throw refusal('reservation-gone', 410)
    if (!reservation.paid && reservation.expiresAt <= this.now) {
      this.sold -= reservation.tickets
      this.live.delete(reservationId)
      throw refusal('reservation-gone', 410)
    }
    return reservation
  }

  async #answer<Data>(act: () => Data): Promise<Data> {
    this.atOnceMost = Math.max(this.atOnceMost, ++this.atOnce)
    try {
      // A turn of the loop, as a network takes: others ask meanwhile.
      await new Promise((resolve) => setTimeout(resolve))
      const done = act()
      if (this.losesAnswer()) throw LOST
      return done
    } finally {
      this.atOnce--
    }
  }
}

async function run(given: Partial<RushSettings>, counter: Counter): Promise<Rush> {
  let drawn = 1
  const lot = (): number => (drawn = (drawn * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32
  const rush = new Rush(settings(given), counter, lot)
  await rush.run()
  return rush
}

function expectEven(tally: Tally): void {
  expect(HOLD_ENDS.reduce((sum, end) => sum + tally[end], 0)).toBe(tally.setOut)
  expect(SALE_ENDS.reduce((sum, end) => sum + tally[end], 0)).toBe(tally.held)
  expect([asking(tally), deciding(tally)]).toEqual([0, 0])
}

describe('a rush', () => {
  it('sends every buyer once, and knows what became of each', async () => {
    const counter = new Counter(100)
    const { tally, latencies } = await run({ buyers: 200, payShare: 0.5, letGoShare: 0.25 }, counter)
    expectEven(tally)
    expect(tally.setOut).toBe(200)
    expect(tally.soldOut).toBeGreaterThan(0)
    expect(tally.expired).toBeGreaterThan(0)
    expect(tally.letGo).toBeGreaterThan(0)
    expect(tally.unknown).toBe(0)
    expect(tally.ticketsPaid).toBe(counter.sold)
    expect([...counter.live.values()].every(({ paid }) => paid)).toBe(true)
    expect(counter.live.size).toBe(tally.paid)
    expect(latencies).toHaveLength(200)
  })

  it('keeps to so many requests at once', async () => {
    const counter = new Counter(10_000)
    await run({ buyers: 100, atOnce: 7 }, counter)
    expect(counter.atOnceMost).toBe(7)
  })

  it('asks again when answers are lost, and does nothing twice', async () => {
    const counter = new Counter(10_000)
    let asked = 0
    counter.losesAnswer = () => ++asked % 3 === 0
    const { tally } = await run({ buyers: 60, atOnce: 1, payShare: 0.5, letGoShare: 0.5 }, counter)
    expectEven(tally)
    expect(tally.held).toBe(60)
    expect(tally.unknown).toBe(0)
    expect(counter.keys.size).toBe(60)
    expect(counter.live.size).toBe(tally.paid)
    expect(tally.ticketsPaid).toBe(counter.sold)
  })

  it('counts what is refused for load, and says why what failed did', async () => {
    const counter = new Counter(100)
    counter.hold = () => Promise.reject(refusal('overloaded', 503))
    expect((await run({ buyers: 5 }, counter)).tally.refused).toBe(5)
    counter.hold = () => Promise.reject(refusal('date-past', 409))
    const { tally, reasons } = await run({ buyers: 5 }, counter)
    expect(tally.failed).toBe(5)
    expect([...reasons]).toEqual([['date-past', 5]])
  })

  it('gives up a service that does not answer, and says that it does not know', async () => {
    const counter = new Counter(100)
    counter.pay = () => Promise.reject(LOST)
    const { tally } = await run({ buyers: 3, payShare: 1, letGoShare: 0 }, counter)
    expectEven(tally)
    expect(tally.unknown).toBe(3)
    counter.hold = () => Promise.reject(LOST)
    const down = await run({ buyers: 3 }, counter)
    expect(down.tally.failed).toBe(3)
    expect(down.latencies).toEqual([])
  })

  it('leaves nothing undone when it is stopped', async () => {
    const counter = new Counter(1000)
    const rush = new Rush(settings({ buyers: 500, payShare: 0, letGoShare: 0 }), counter)
    let held = 0
    const hold = counter.hold.bind(counter)
    counter.hold = async (order) => {
      if (++held === 20) rush.stop()
      return hold(order)
    }
    counter.wait = async (ms, signal) => wait(ms, signal)
    await rush.run()
    expectEven(rush.tally)
    expect(rush.stopping).toBe(true)
    expect(rush.tally.setOut).toBeGreaterThanOrEqual(20)
    expect(rush.tally.setOut).toBeLessThan(40)
    expect(rush.tally.letGo).toBe(rush.tally.held)
    expect(counter.sold).toBe(0)
    expect(counter.live.size).toBe(0)
  })
})

describe('wait', () => {
  it('ends at once when it is called off, also beforehand', async () => {
    const stop = new AbortController()
    const waiting = wait(600_000, stop.signal)
    stop.abort()
    await waiting
    await wait(600_000, stop.signal)
    await wait(-5)
    await wait(1)
  })
})
