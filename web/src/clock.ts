/**
 * The server's clock, as well as it can be known from the Date header of its answers.
 *
 * Each answer bounds how far the server's clock is ahead of this machine's: it was written between request and arrival,
 * and its Date leaves out the part of a second. All bounds together are narrower than any of them. Bounds that
 * contradict each other say that one of the clocks was set: then the newest alone count.
 */

import { onScopeDispose, readonly, ref, type Ref } from 'vue'

export interface Bounds {
  readonly least: number
  readonly most: number
}

/** What an answer says of how many milliseconds the server is ahead. */
export function boundsOf(dateHeader: string, sent: number, received: number): Bounds | null {
  const whole = Date.parse(dateHeader)
  return Number.isNaN(whole) ? null : { least: whole - received, most: whole + 1000 - sent }
}

/** What both say together; the newer alone where they contradict each other. */
export function narrowed(known: Bounds | null, newer: Bounds): Bounds {
  if (known === null) return newer
  const both = { least: Math.max(known.least, newer.least), most: Math.min(known.most, newer.most) }
  return both.least <= both.most ? both : newer
}

let known: Bounds | null = null

/** Learn from an answer. */
export function hearServer(dateHeader: string | null, sent: number, received: number): void {
  const heard = dateHeader === null ? null : boundsOf(dateHeader, sent, received)
  if (heard !== null) known = narrowed(known, heard)
}

/** Now, in milliseconds since 1970, by the server's clock. */
export function serverNow(): number {
  return Date.now() + (known === null ? 0 : (known.least + known.most) / 2)
}

/**
 * How many milliseconds of the time from one instant until another are left. The clock is known to within a second only:
 * never more than all of them, where it is known when they began, and never fewer than none.
 */
export function leftOf(from: string | undefined, until: string, now: number): number {
  const begun = from === undefined ? -Infinity : Date.parse(from)
  const over = Date.parse(until)
  return Math.max(0, Math.min(over - begun, over - now))
}

/** serverNow() as a ref that is renewed every so many milliseconds, until the component goes. */
export function useServerNow(everyMs: number): Readonly<Ref<number>> {
  const now = ref(serverNow())
  const timer = setInterval(() => (now.value = serverNow()), everyMs)
  onScopeDispose(() => clearInterval(timer))
  return readonly(now)
}
