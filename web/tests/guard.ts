/**
 * Watches everything that a browser does in a test: an error or warning in its console, an exception, an answer that is
 * no success, a request that fails, and a request to another host are all findings. A test says beforehand which
 * refusals belong to its story; those that then do not happen are findings, too.
 */

import type { BrowserContext, Page, Request } from '@playwright/test'

export interface Expected {
  /** As 'POST /events/1/…: 409', in part or as a pattern. */
  readonly what: string | RegExp
  readonly why: string
}

/** The browser tells of each answer that is no success in its console as well; the answer itself is judged here. */
const TOLD_TWICE = 'Failed to load resource'
/** The page gives up a request of its own when its view is left, and the browser does when it is reloaded. */
const GIVEN_UP = 'net::ERR_ABORTED'

export class Guard {
  readonly #host: string
  readonly #expected: Expected[] = []
  readonly #allowed: (string | RegExp)[] = []
  readonly #seen: string[] = []

  constructor(url: string) {
    this.#host = new URL(url).host
  }

  /** Everything that happens in this context is looked at. */
  watch(context: BrowserContext): void {
    context.on('page', (page) => this.#watchPage(page))
    context.on('request', (request) => this.#judgeHost(request))
    context.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? 'failed'
      if (reason !== GIVEN_UP) this.#saw(`${told(request)}: ${reason}`)
    })
    context.on('response', (response) => {
      if (response.status() >= 400) this.#saw(`${told(response.request())}: ${response.status()}`)
    })
  }

  /** This refusal belongs to the story, once or more often. */
  expect(what: string | RegExp, why: string): void {
    this.#expected.push({ what, why })
  }

  /** Say what may happen, or not: it depends on the moment. */
  allow(what: string | RegExp): void {
    this.#allowed.push(what)
  }

  /** What should not have happened, and what should have and did not. */
  findings(): string[] {
    const surprises = this.#seen.filter((seen) => !this.#known().some((what) => fits(seen, what)))
    const missed = this.#expected.filter(({ what }) => !this.#seen.some((seen) => fits(seen, what)))
    return [...surprises, ...missed.map(({ what, why }) => `did not happen: ${what} (${why})`)]
  }

  #known(): (string | RegExp)[] {
    return [...this.#expected.map(({ what }) => what), ...this.#allowed]
  }

  #watchPage(page: Page): void {
    page.on('pageerror', (error) => this.#saw(`exception: ${error.message}`))
    page.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type()) || message.text().startsWith(TOLD_TWICE)) return
      this.#saw(`console: ${message.text()}`)
    })
  }

  #judgeHost(request: Request): void {
    const { host, protocol } = new URL(request.url())
    if (protocol.startsWith('http') && host !== this.#host) this.#saw(`another host: ${request.url()}`)
  }

  #saw(what: string): void {
    this.#seen.push(what)
  }
}

function told(request: Request): string {
  return `${request.method()} ${new URL(request.url()).pathname}`
}

function fits(seen: string, what: string | RegExp): boolean {
  return typeof what === 'string' ? seen.includes(what) : what.test(seen)
}
