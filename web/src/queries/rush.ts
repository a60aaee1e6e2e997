import { onScopeDispose, ref, shallowRef } from 'vue'
import { getReservation, holdTickets, payReservation, releaseReservation } from '@/api'
import { dataOf } from '@/ask'
import { serverNow } from '@/clock'
import { percentilesOf, type Percentiles } from '@/percentiles'
import { SPAN_MS } from '@/queries/live'
import { ratesOf, withSample, type Rates, type Sample } from '@/rates'
import type { DateAddress } from '@/router'
import { Rush, wait, type Ways } from '@/rush/rush'
import type { RushSettings } from '@/rush/settings'
import { HOLD_ENDS, newTally, type Tally } from '@/rush/tally'

const SHOW_MS = 250
const SAMPLE_MS = 1_000
/** So much of a reservation's id makes a reference that one can read. */
const REFERENCE_CHARACTERS = 8

export type Phase = 'none' | 'running' | 'stopping' | 'over'

/** What is to be seen of a rush at a moment. */
export interface Seen {
  readonly tally: Readonly<Tally>
  readonly percentiles: Percentiles | null
  readonly rates: readonly Rates[]
  readonly reasons: readonly (readonly [string, number])[]
  readonly tookMs: number
}

const NOTHING: Seen = { tally: newTally(), percentiles: null, rates: [], reasons: [], tookMs: 0 }

/** Sending buyers at a date. Leaving the view stops a rush that is under way; it ends what it began. */
export function useRush(address: DateAddress, over: () => void) {
  const phase = ref<Phase>('none')
  const seen = shallowRef<Seen>(NOTHING)
  let rush: Rush | null = null

  async function go(settings: RushSettings): Promise<void> {
    if (phase.value === 'running' || phase.value === 'stopping') return
    phase.value = 'running'
    const sent = new Rush(settings, waysTo(address))
    rush = sent
    const watching = watchRush(sent, (now) => (seen.value = now))
    await sent.run()
    watching.end()
    phase.value = 'over'
    over()
  }

  function stop(): void {
    if (phase.value !== 'running') return
    phase.value = 'stopping'
    rush?.stop()
  }

  onScopeDispose(() => rush?.stop())
  return { phase, seen, go, stop }
}

/** Show a rush a few times in a second, and measure it each second. */
function watchRush(rush: Rush, show: (seen: Seen) => void) {
  const begun = performance.now()
  let samples: readonly Sample[] = []
  let percentiles: Percentiles | null = null

  function sample(): void {
    const counts = Object.fromEntries(HOLD_ENDS.map((end) => [end, rush.tally[end]]))
    samples = withSample(samples, { at: performance.now() - begun, counts, teller: '' }, SPAN_MS)
    percentiles = percentilesOf(rush.latencies)
  }

  function look(): void {
    const tookMs = performance.now() - begun
    show({ tally: { ...rush.tally }, percentiles, rates: ratesOf(samples), reasons: [...rush.reasons], tookMs })
  }

  sample()
  look()
  const timers = [setInterval(sample, SAMPLE_MS), setInterval(look, SHOW_MS)]
  return {
    end: (): void => {
      timers.forEach(clearInterval)
      sample()
      look()
    },
  }
}

function referenceOf(reservationId: string): string {
  return `rush-${reservationId.slice(-REFERENCE_CHARACTERS)}`
}

function waysTo({ eventId, date, startTime }: DateAddress): Ways {
  const path = { event_id: eventId, date, start_time: startTime }
  const one = (reservationId: string) => ({ path: { reservation_id: reservationId } })
  return {
    hold: ({ key, lines }) => dataOf(holdTickets({ path, headers: { 'Idempotency-Key': key }, body: [...lines] })),
    pay: (id) => dataOf(payReservation({ ...one(id), body: { paymentReference: referenceOf(id) } })),
    release: (id) => dataOf(releaseReservation(one(id))),
    find: (id) => dataOf(getReservation(one(id))),
    serverNow,
    wait,
  }
}
