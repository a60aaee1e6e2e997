/** Looks whether the page keeps up: how long its tasks take, and how far apart its frames are. */

import { expect, type Page } from '@playwright/test'

export interface Smoothness {
  /** Of the tasks of more than 50 ms, which are all that the browser tells of; 0 for none. */
  readonly longestTaskMs: number
  readonly longestGapMs: number
  readonly frames: number
}

/** Look at the page's tasks and frames from now on, and tell of them when asked. */
export async function watchSmoothness(page: Page): Promise<() => Promise<Smoothness>> {
  await page.evaluate(() => {
    const taskTimes: number[] = []
    const frameTimes: number[] = [performance.now()]
    const look = (at: number): void => {
      frameTimes.push(at)
      requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
    new PerformanceObserver((list) => taskTimes.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    })
    Object.assign(window, { taskTimes, frameTimes })
  })
  return () =>
    page.evaluate(() => {
      const { taskTimes, frameTimes } = window as unknown as { taskTimes: number[]; frameTimes: number[] }
      const gaps = frameTimes.slice(1).map((at, index) => at - frameTimes[index]!)
      return {
        longestTaskMs: Math.round(Math.max(0, ...taskTimes)),
        longestGapMs: Math.round(Math.max(0, ...gaps)),
        frames: gaps.length,
      }
    })
}

/** What was measured, or how much of it there may be, by name. */
export type Figures = Readonly<Record<string, number>>

const MEASURED_MAX = 3

/**
 * Expect each figure below its limit. Where one is not, all are measured again, and the median of three counts: a machine
 * that stands still for a moment makes one measurement bad, a page that holds itself up all of them.
 */
export async function expectBelow(limits: Figures, measure: () => Promise<Figures>): Promise<void> {
  const measured = [await measure()]
  if (!isBelow(limits, measured[0]!)) while (measured.length < MEASURED_MAX) measured.push(await measure())
  const medians = medianOf(measured)
  expect(isBelow(limits, medians), `${JSON.stringify(measured)} below ${JSON.stringify(limits)}`).toBe(true)
}

function isBelow(limits: Figures, figures: Figures): boolean {
  return Object.entries(limits).every(([name, limit]) => figures[name]! < limit)
}

function medianOf(measured: readonly Figures[]): Figures {
  const middle = Math.floor(measured.length / 2)
  const median = (name: string) => measured.map((figures) => figures[name]!).toSorted((a, b) => a - b)[middle]!
  return Object.fromEntries(Object.keys(measured[0]!).map((name) => [name, median(name)]))
}
