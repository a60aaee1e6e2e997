/**
 * How much happens in a second, from counts that only rise. Pure.
 *
 * Counts that fell, or that were told by other processes than before, say nothing of what happened between them: there
 * the line is interrupted. So it is where the page looked away for long.
 */

import type { LiveCounts } from '@/api'

export type Counts = Readonly<Record<string, number>>

/** Counts at a moment, in milliseconds. */
export interface Sample {
  readonly at: number
  readonly counts: Counts
  /** Who told them; samples of different tellers cannot be compared. */
  readonly teller: string
}

/** How much happened per second in the time that ended at a moment; null where it is not known. */
export interface Rates {
  readonly at: number
  readonly perSecond: Counts | null
}

/** So many flights carried from `atLeast` to `atMost` requests; null: any more. */
export interface FlightBar {
  readonly atLeast: number
  readonly atMost: number | null
  readonly flights: number
}

const GAP_MS_MAX = 5_000

/** The samples with a new one, without those that are older than the span. */
export function withSample(samples: readonly Sample[], sample: Sample, spanMs: number): readonly Sample[] {
  const last = samples.at(-1)
  if (last !== undefined && sample.at <= last.at) return samples
  // One before the span stays: the first difference within it needs it.
  const begin = samples.findLastIndex(({ at }) => at <= sample.at - spanMs)
  return [...samples.slice(Math.max(0, begin)), sample]
}

/** The rates between each sample and the one before. */
export function ratesOf(samples: readonly Sample[]): readonly Rates[] {
  return samples.slice(1).map((newer, index) => {
    const older = samples[index] as Sample
    const risen = risenBetween(older, newer)
    if (risen === null || newer.at - older.at > GAP_MS_MAX) return { at: newer.at, perSecond: null }
    const seconds = (newer.at - older.at) / 1000
    return { at: newer.at, perSecond: mapped(risen, (value) => value / seconds) }
  })
}

/** By how much each count rose over all samples, as far as it is known. */
export function risenOver(samples: readonly Sample[]): Counts {
  const sum: Record<string, number> = {}
  samples.slice(1).forEach((newer, index) => {
    const risen = risenBetween(samples[index] as Sample, newer) ?? {}
    for (const [name, value] of Object.entries(risen)) sum[name] = (sum[name] ?? 0) + value
  })
  return sum
}

/** What the service counted, as a sample: outcomes of holds by name, flights by their size. */
export function sampleOf(live: LiveCounts): Sample {
  const { held, soldOut, overloaded, failed, replayed, other } = live.holds
  const flights = live.flightSizes.map(({ atMost, flights: number }) => [`flights:${atMost ?? ''}`, number] as const)
  const holds = { held, soldOut, overloaded, failed, other: replayed + other }
  const teller = `${live.processes} ${live.silent}`
  return { at: Date.parse(live.at), counts: { ...holds, ...Object.fromEntries(flights) }, teller }
}

/** The flights that these counts tell of, by size; the sizes are those that the service counts by. */
export function flightBars(sizes: LiveCounts['flightSizes'], counts: Counts): readonly FlightBar[] {
  const bars = sizes.map(({ atMost }, index) => ({
    atLeast: (sizes[index - 1]?.atMost ?? 0) + 1,
    atMost,
    flights: counts[`flights:${atMost ?? ''}`] ?? 0,
  }))
  const last = bars.findLastIndex(({ flights }) => flights > 0)
  return bars.slice(0, last + 1)
}

function risenBetween(older: Sample, newer: Sample): Counts | null {
  if (older.teller !== newer.teller) return null
  const risen = mapped(newer.counts, (value, name) => value - (older.counts[name] ?? 0))
  return Object.values(risen).some((value) => value < 0) ? null : risen
}

function mapped(counts: Counts, change: (value: number, name: string) => number): Counts {
  return Object.fromEntries(Object.entries(counts).map(([name, value]) => [name, change(value, name)]))
}
