/** Looks whether the page keeps up: how long its tasks take, and how far apart its frames are. */

import type { Page } from '@playwright/test'

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
