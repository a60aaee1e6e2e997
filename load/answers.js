/** What answers mean: pure functions from an answer to its class, and to the reason where it is at fault. */

import { ticketsIn } from './tickets.js'

/** The classes that every answer falls into, one each. */
export const OUTCOMES = /** @type {const} */ ([
  'held',
  'paid',
  'let_go',
  'browsed',
  'repeated',
  'sold_out',
  'gone',
  'refused_for_load',
  'malformed',
  'failed',
])

/**
 * @typedef {typeof OUTCOMES[number]} Outcome
 * @typedef {'hold' | 'repeat' | 'pay' | 'let_go' | 'browse'} Request
 * @typedef {{ status: number, headers: Record<string, string | string[] | undefined>, body: unknown }} Answer
 * @typedef {{ outcome: Outcome, reason: string, content: Record<string, any> | null }} Heard
 * @typedef {{ reservationId: string, tickets: { tickettypeId: number }[] }} HoldMade
 */

/** What each status means to each request. Any other is at fault. @type {Record<Request, Record<number, Outcome>>} */
const MEANINGS = {
  hold: { 201: 'held', 409: 'sold_out' },
  repeat: { 201: 'repeated' },
  pay: { 200: 'paid', 410: 'gone' },
  let_go: { 204: 'let_go', 410: 'gone' },
  browse: { 200: 'browsed' },
}

/** Statuses by which the service contradicts what it has said before. @type {Record<Request, number[]>} */
const CONTRADICTIONS = { hold: [], repeat: [409, 422], pay: [409], let_go: [409], browse: [] }

/**
 * Read an answer. 503 and 429 are refusals for load if they say when to come back. Another 5xx, and an answer that
 * contradicts an earlier one, has failed. Whatever else the API does not promise is malformed, and the reason says so.
 * @param {Request} request @param {Answer} answer @returns {Heard}
 */
export function hear(request, { status, headers, body }) {
  const meaning = MEANINGS[request][status]
  if (meaning) return readContent(request, meaning, body)
  if ((status === 503 || status === 429) && headers['retry-after'] !== undefined) return said('refused_for_load')
  const fails = status >= 500 || CONTRADICTIONS[request].includes(status)
  return said(fails ? 'failed' : 'malformed', `${request} answered ${status}`)
}

/** @param {Request} request @param {Outcome} meaning @param {unknown} body @returns {Heard} */
function readContent(request, meaning, body) {
  if (meaning === 'let_go') return said(meaning)
  let content
  try {
    content = JSON.parse(String(body))
  } catch {
    content = null
  }
  if (typeof content !== 'object' || content === null) return said('malformed', `${request} answered no JSON`)
  return { outcome: meaning, reason: '', content }
}

/** @param {Outcome} outcome @param {string} [reason] @returns {Heard} */
function said(outcome, reason = '') {
  return { outcome, reason, content: null }
}

/**
 * Find what is wrong with the tickets that are said to be held; empty when they are those of the order.
 * @param {Partial<HoldMade>} made @param {readonly import('./tickets.js').Line[]} order
 */
export function faultOfHold(made, order) {
  if (typeof made.reservationId !== 'string' || !Array.isArray(made.tickets)) return 'hold tells no reservation'
  if (made.tickets.length !== ticketsIn(order)) return 'hold has another number of tickets'
  const left = new Map(order.map((line) => [line.tickettypeId, line.quantity]))
  for (const { tickettypeId } of made.tickets) left.set(tickettypeId, (left.get(tickettypeId) ?? 0) - 1)
  return [...left.values()].every((quantity) => quantity === 0) ? '' : 'hold has tickets of other types'
}

/**
 * Find what is wrong with a refusal; empty when by its own words fewer are left than were asked for.
 * @param {Record<string, any>} problem @param {readonly import('./tickets.js').Line[]} order
 */
export function faultOfRefusal(problem, order) {
  if (problem.type !== '/problems/sold-out') return `hold refused for ${problem.type}`
  const { available, ticketTypes } = problem.left ?? {}
  if (!Number.isInteger(available) || !Array.isArray(ticketTypes)) return 'refusal does not say what is left'
  const left = new Map(ticketTypes.map((type) => [type.tickettypeId, type.available]))
  const fits = available >= ticketsIn(order) && order.every((line) => left.get(line.tickettypeId) >= line.quantity)
  return fits ? 'hold refused though enough is left' : ''
}

/**
 * Find what is wrong with a payment that is said to be made; empty when it is this one.
 * @param {Record<string, any>} sale @param {string} reservation its address @param {string} reference
 */
export function faultOfPayment(sale, reservation, reference) {
  if (`/reservation/${sale.reservationId}` !== reservation) return 'payment is of another reservation'
  if (sale.state !== 'paid') return 'payment leaves the hold unpaid'
  return sale.paymentReference === reference ? '' : 'payment has another reference'
}

/**
 * Find what is wrong with the answer to a hold that was told before; empty when it tells the same, and that it repeats.
 * @param {string} told @param {string} before @param {boolean} replayed
 */
export function faultOfRepeat(told, before, replayed) {
  if (told !== before) return 'repeat tells another reservation'
  return replayed ? '' : 'repeat is not said to be one'
}

/**
 * Tell whether a hold's time may have been over when the service said that it is gone, by the service's own clock. The
 * header tells whole seconds, and is made anew once a second: up to two seconds are left out of account. Where the
 * service tells no time, nobody can say that it was too early.
 * @param {string} told the answer that made the hold @param {string | string[] | undefined} now the header `date`
 */
export function mayHaveExpired(told, now) {
  const left = Date.parse(JSON.parse(told).expiresAt) - Date.parse(String(now))
  return !(left > 2000)
}
