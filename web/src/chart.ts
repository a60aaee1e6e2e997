/** The geometry of a line that runs: time from left to right, now at the right edge. Pure. */

import type { Rates } from '@/rates'

export interface Frame {
  readonly width: number
  readonly height: number
  /** What the left and the right edge mean, in milliseconds. */
  readonly from: number
  readonly until: number
  /** What the upper edge means; the lower is 0. */
  readonly ceiling: number
}

const STEPS = [1, 2, 4, 5, 10]

/** The smallest number of the kind 1, 2, 4, 5, 10, 20, 40 … that is no less: labels of an axis stay short. */
export function ceilingOf(most: number, least = 4): number {
  const wanted = Math.max(most, least)
  const magnitude = 10 ** Math.floor(Math.log10(wanted))
  return (STEPS.find((step) => step * magnitude >= wanted) ?? 10) * magnitude
}

/** The greatest rate of any of these names. */
export function mostOf(rates: readonly Rates[], names: readonly string[]): number {
  return rates.reduce((most, { perSecond }) => Math.max(most, ...names.map((name) => perSecond?.[name] ?? 0)), 0)
}

/** The path of one name's rates, for the attribute `d`; a new stroke after each interruption. */
export function pathOf(rates: readonly Rates[], name: string, frame: Frame): string {
  const scale = frame.width / (frame.until - frame.from)
  let drawn = ''
  let pen = 'M'
  for (const { at, perSecond } of rates) {
    const value = perSecond?.[name]
    if (value === undefined) {
      pen = 'M'
      continue
    }
    const x = (at - frame.from) * scale
    const y = frame.height * (1 - Math.min(1, value / frame.ceiling))
    drawn += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`
    pen = 'L'
  }
  return drawn
}

export interface Summary {
  readonly now: number
  readonly mean: number
  readonly most: number
}

/** The latest rate of a name, its mean and its greatest. */
export function summaryOf(rates: readonly Rates[], name: string): Summary {
  const values = rates.flatMap(({ perSecond }) => (perSecond === null ? [] : [perSecond[name] ?? 0]))
  const sum = values.reduce((total, value) => total + value, 0)
  return { now: values.at(-1) ?? 0, mean: values.length === 0 ? 0 : sum / values.length, most: Math.max(0, ...values) }
}
