/**
 * What a thread of Artillery has heard: told to Artillery as its own counters, histograms and errors, and kept in a
 * ledger, which is opened in the folder STRESS_FOLDER at the thread's first visitor.
 */

import { threadId } from 'node:worker_threads'
import { OUTCOMES } from './answers.js'
import { Ledger } from './moments.js'

/**
 * @typedef {{ emit(kind: string, name: string, value?: number): void }} Metrics
 */

/** The names under which latencies are kept. What is gone, refused for load or at fault is not timed. */
const TIMED = new Map(
  Object.entries({
    held: 'hold',
    sold_out: 'refusal',
    paid: 'pay',
    let_go: 'let_go',
    browsed: 'browse',
    repeated: 'repeat',
  }),
)

/** @type {Ledger | undefined} */
let ledger

/** Return this thread's ledger. As it is opened, Artillery hears each name once, so that `ensure` misses none. */
export function books(/** @type {Metrics} */ metrics) {
  if (ledger) return ledger
  for (const name of ['buyers', ...OUTCOMES]) metrics.emit('counter', `boxoffice.${name}`, 0)
  ledger = new Ledger(process.env.STRESS_FOLDER, `${process.pid}-${threadId}`)
  return ledger
}

/** @param {Metrics} metrics @param {string} name */
export function count(metrics, name) {
  books(metrics).count(name)
  metrics.emit('counter', `boxoffice.${name}`, 1)
}

/** Name a reason for what is at fault. @param {Metrics} metrics @param {string} reason */
export function blame(metrics, reason) {
  books(metrics).blame(reason)
  metrics.emit('error', reason)
}

/** @param {Metrics} metrics @param {import('./answers.js').Outcome} outcome @param {number} milliseconds */
export function time(metrics, outcome, milliseconds) {
  const name = TIMED.get(outcome)
  if (!name) return
  books(metrics).time(name, milliseconds)
  metrics.emit('histogram', 'boxoffice.latency', milliseconds)
  metrics.emit('histogram', `boxoffice.latency.${name}`, milliseconds)
}

/** @param {Metrics} metrics @param {object} story */
export function tell(metrics, story) {
  books(metrics).tell(story)
}
