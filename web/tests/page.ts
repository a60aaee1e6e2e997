/** What every test of the page begins with: a service, something for sale, and visitors whose browsers are watched. */

import { AxeBuilder } from '@axe-core/playwright'
import { expect, test as base, type BrowserContext, type Locator, type Page } from '@playwright/test'
import { Guard } from './guard.ts'
import { Services, type Service, type Settings } from './service.ts'
import { Shop } from './shop.ts'

export { expect } from '@playwright/test'

/** A second browser, of somebody else, on the same service. */
export type NewVisitor = () => Promise<Page>

interface TestFixtures {
  /** Settings of the service, where they are not the usual ones. */
  settings: Settings
  service: Service
  shop: Shop
  /** Whether what the guard finds fails the test; only tests of the guard itself say no. */
  judged: boolean
  guard: Guard
  newVisitor: NewVisitor
}

interface WorkerFixtures {
  services: Services
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  settings: [{}, { option: true }],
  services: [
    async ({}, use) => {
      const services = new Services()
      await use(services)
      await services.stop()
    },
    { scope: 'worker' },
  ],
  service: async ({ settings, services }, use) => {
    const service = await services.of(settings)
    await use(service)
    // A test that has killed it, and then failed, must not spoil the next one.
    if (!service.running) await service.start()
  },
  shop: async ({ service }, use) => use(new Shop(service.url)),
  baseURL: async ({ service }, use) => use(service.url),
  judged: [true, { option: true }],
  guard: [
    async ({ service, judged }, use) => {
      const guard = new Guard(service.url)
      await use(guard)
      if (judged) expect(guard.findings(), 'what the browser met').toEqual([])
    },
    { auto: true },
  ],
  context: async ({ context, guard }, use) => {
    guard.watch(context)
    await use(context)
  },
  newVisitor: async ({ browser, baseURL, guard }, use) => {
    const contexts: BrowserContext[] = []
    const visit = async () => {
      const context = await browser.newContext({ baseURL })
      contexts.push(context)
      guard.watch(context)
      return context.newPage()
    }
    await use(visit)
    for (const context of contexts) await context.close()
  },
})

/** What axe finds wrong with the page as it is, one line each. */
export function barriers(page: Page): Promise<string[]> {
  return foundBy(new AxeBuilder({ page }))
}

/** The rules of axe that look at colours; whatever the others look at is the same in light and in dark. */
const ABOUT_COLOURS = ['color-contrast', 'link-in-text-block']

/** Expect that axe finds nothing, in light and in dark. */
export async function expectNoBarriers(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  expect(await barriers(page), 'axe, in light').toEqual([])
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
  // The page has axe already.
  const inDark = new AxeBuilder({ page, axeSource: 'axe' })
  expect(await foundBy(inDark, ABOUT_COLOURS), 'axe, in dark').toEqual([])
  await page.emulateMedia({ colorScheme: null, reducedMotion: null })
}

async function foundBy(axe: AxeBuilder, rules: string[] = []): Promise<string[]> {
  // In its legacy mode axe reports from the page itself; the other opens one more, for the sake of foreign frames.
  axe.setLegacyMode().options({ resultTypes: ['violations'] })
  if (rules.length > 0) axe.withRules(rules)
  const { violations } = await axe.analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`))
}

const TABS_MAX = 200

/** Go to a control by the Tab key alone. */
export async function tabTo(page: Page, control: Locator): Promise<void> {
  for (let tab = 0; tab < TABS_MAX; tab++) {
    if (await control.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`not reached by Tab: ${control}`)
}

/** Go through the whole page by Tab, and return the controls that were not reached or do not show the focus. */
export async function unreached(page: Page): Promise<string[]> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  const wanted = await page.evaluate(markControls)
  const shown = new Set<string>()
  for (let tab = 0; tab < wanted.length + TABS_MAX && shown.size < wanted.length; tab++) {
    await page.keyboard.press('Tab')
    const reached = await page.evaluate(focusedControl)
    if (reached !== null) shown.add(reached)
  }
  return wanted.filter((name) => !shown.has(name))
}

/** Runs in the browser: numbers every control that can be used, and returns their names. */
function markControls(): string[] {
  const usable = 'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), summary'
  const controls = [...document.querySelectorAll<HTMLElement>(usable)].filter((control) => {
    // Of radio buttons the chosen one stands for all: arrow keys lead to the others.
    const other = control instanceof HTMLInputElement && control.type === 'radio' && !control.checked
    return !other && control.checkVisibility()
  })
  return controls.map((control, index) => {
    control.dataset['reach'] = `${index} ${control.outerHTML.slice(0, 120)}`
    return control.dataset['reach']
  })
}

/** Runs in the browser: the focused control's name, null where there is none or nothing shows that it is focused. */
function focusedControl(): string | null {
  const focused = document.activeElement as HTMLElement | null
  const name = focused?.dataset['reach'] ?? null
  const around = [focused, focused?.closest('label') ?? null]
  const shows = around.some((element) => element !== null && getComputedStyle(element).outlineStyle !== 'none')
  return shows ? name : null
}
