/**
 * What Artillery calls between requests: buyers draw an order, hear the answers, and leave with a story.
 *
 * Each of Artillery's threads loads this file for itself. A buyer's state lives in `vars.buyer` from `arrive` to
 * `leave`, and only one of its requests is under way at a time. The requests are Artillery's own, but for those of
 * `cut.js`. Nothing is captured, and no body or condition is made from a template: that would cost Artillery more than
 * the request itself.
 */

import { faultOfHold, faultOfPayment, faultOfRefusal, faultOfRepeat, hear, mayHaveExpired } from './answers.js'
import { blame, books, count, tell, time } from './books.js'
import { arrivesAt, orderOf, storyOf } from './buyers.js'
import { askAndCut } from './cut.js'
import { loadSettings } from './settings.js'
import { openShop } from './shop.js'
import { drawOne, drawWhole } from './tickets.js'

/**
 * @typedef {import('./answers.js').Request} Request
 * @typedef {import('./answers.js').Outcome} Outcome
 * @typedef {import('./buyers.js').Buyer} Buyer
 * @typedef {{ page: string, dates: string, pagesLeft: number }} Visitor
 * @typedef {{ target: string, shop: import('./tickets.js').Shop, buyer: Buyer, visitor: Visitor }} Vars
 * @typedef {{ vars: Vars, _uid: string, scenario: { name: string }, asks: Request | null, since: number }} Context
 * @typedef {import('./books.js').Metrics} Metrics
 * @typedef {import('node:http').IncomingMessage & { statusCode: number, body: string }} Response
 * @typedef {() => void} Next
 * @typedef {(context: Context, metrics: Metrics, next: Next) => void} Does
 * @typedef {(request: { name: string }, context: Context, metrics: Metrics, next: Next) => void} Asks
 * @typedef {(request: object, response: Response, context: Context, metrics: Metrics, next: Next) => void} Hears
 * @typedef {Error & { code?: string }} Broken
 * @typedef {(error: Broken, request: object, context: Context, metrics: Metrics, next: Next) => void} Breaks
 */

const settings = loadSettings(process.env)
const chance = Math.random
const MS_PER_DAY = 86_400_000

/** @type {Record<string, Request>} what each request of the scenarios asks for, by its name */
const ASKS = {
  list: 'browse',
  dates: 'browse',
  hold: 'hold',
  'hold again': 'hold',
  'hold once more': 'repeat',
  pay: 'pay',
  'let go': 'let_go',
}

/** Before all: what is on sale. Every visitor finds it as `vars.shop`. @param {Context} context */
export async function openTheShop(context) {
  context.vars.shop = await openShop(process.env, context.vars.target, settings)
}

/** @type {Asks} */
export function startTheClock(request, context, _metrics, next) {
  const asks = ASKS[request.name] ?? null
  context.asks = asks
  if (asks === 'hold') context.vars.buyer.asked.held = true
  if (asks === 'pay') context.vars.buyer.asked.paid = true
  if (asks === 'let_go') context.vars.buyer.asked.let_go = true
  context.since = performance.now()
  next()
}

/**
 * Hear an answer: count it in its class, time it, and name the reason where it is at fault.
 * @param {Response} response @param {Context} context @param {Metrics} metrics
 * @param {(content: Record<string, any>, outcome: Outcome) => string} faultOf
 * @returns {import('./answers.js').Heard}
 */
function listen(response, context, metrics, faultOf) {
  const milliseconds = performance.now() - context.since
  const { statusCode: status, headers, body } = response
  let heard = hear(/** @type {Request} */ (context.asks), { status, headers, body })
  context.asks = null
  const fault = heard.content ? faultOf(heard.content, heard.outcome) : ''
  if (fault) heard = { outcome: 'malformed', reason: fault, content: null }
  if (heard.reason) blame(metrics, heard.reason)
  count(metrics, heard.outcome)
  time(metrics, heard.outcome, milliseconds)
  return heard
}

/** A request found no answer: Artillery counts the error, and ends the buyer. It may say so twice. @type {Breaks} */
export function lineBroke(error, _request, context, metrics, next) {
  const { asks, vars } = context
  context.asks = null
  if (asks) {
    count(metrics, 'failed')
    books(metrics).blame(`${asks} found no answer: ${error.code ?? error.message}`)
    if (vars.buyer) tell(metrics, storyOf(vars.buyer, 'failed'))
  }
  next()
}

/** @type {Does} */
export function lookIn({ vars }, _metrics, next) {
  const event = drawOne([vars.shop.hot, ...vars.shop.many], chance)
  const from = event.dates[0].date
  const to = new Date(Date.parse(from) + settings.browse_days * MS_PER_DAY).toISOString().slice(0, 10)
  vars.visitor = {
    page: `/events?limit=${settings.browse_limit}`,
    dates: `/events/${event.event_id}?from=${from}&to=${to}&limit=${settings.browse_limit}`,
    pagesLeft: settings.browse_pages,
  }
  next()
}

/** @type {Hears} */
export function heardPage(_request, response, context, metrics, next) {
  const { visitor } = context.vars
  const { content } = listen(response, context, metrics, (page) =>
    Array.isArray(page.events) ? '' : 'list tells no events',
  )
  visitor.pagesLeft = content?.next ? visitor.pagesLeft - 1 : 0
  if (visitor.pagesLeft > 0) {
    visitor.page = `/events?limit=${settings.browse_limit}&cursor=${encodeURIComponent(content?.next)}`
  }
  next()
}

/** @param {Context} context @param {(again: boolean) => void} done */
export function turnsThePage(context, done) {
  done(context.vars.visitor.pagesLeft > 0)
}

/** @type {Hears} */
export function heardDates(_request, response, context, metrics, next) {
  listen(response, context, metrics, (event) => (Array.isArray(event.dates) ? '' : 'event tells no dates'))
  next()
}

/** @type {Does} */
export function arrive({ vars, _uid, scenario }, metrics, next) {
  const event = arrivesAt(scenario.name, vars.shop, chance)
  vars.buyer = orderOf({ id: _uid, scenario: scenario.name, event, settings, chance })
  count(metrics, 'buyers')
  next()
}

/** @type {Does} */
export function holdAndLoseTheLine({ vars }, metrics, next) {
  const { buyer, target } = vars
  const headers = { 'content-type': 'application/json', 'idempotency-key': buyer.id }
  const wait_ms = drawWhole(settings.cut_ms, chance)
  buyer.asked.held = true
  askAndCut(target + buyer.date, { headers, body: buyer.order, wait_ms, resets: chance() < 0.5 }).then((told) => {
    buyer.lost = told
    count(metrics, 'cut')
    if (told) count(metrics, 'cut_told')
    next()
  })
}

/** @type {Hears} */
export function heardHold(_request, response, context, metrics, next) {
  const { buyer } = context.vars
  const replayed = response.headers['idempotent-replayed'] === 'true'
  const { outcome, content } = listen(response, context, metrics, (told, meaning) => {
    if (meaning === 'sold_out') return buyer.lost ? 'hold is lost after it was told' : faultOfRefusal(told, buyer.lines)
    const fault = faultOfHold(told, buyer.lines)
    return fault || !buyer.lost ? fault : faultOfRepeat(`/reservation/${told.reservationId}`, buyer.lost, replayed)
  })
  if (outcome === 'held') {
    buyer.reservation = `/reservation/${content?.reservationId}`
    buyer.told = response.body
    buyer.acknowledged.held = true
    buyer.end = 'walked_away'
    if (replayed) count(metrics, 'cut_booked')
  } else {
    buyer.thinks = '0ms'
    buyer.end = outcome
  }
  next()
}

/** @param {Vars} vars */
export function holds({ buyer }) {
  return buyer.acknowledged.held
}

/** @type {Hears} */
export function heardRepeat(_request, response, context, metrics, next) {
  const replayed = response.headers['idempotent-replayed'] === 'true'
  listen(response, context, metrics, () => faultOfRepeat(response.body, context.vars.buyer.told, replayed))
  next()
}

/** @param {Vars} vars */
export function pays({ buyer }) {
  return buyer.acknowledged.held && buyer.intention === 'pays'
}

/** @type {Hears} */
export function heardPayment(_request, response, context, metrics, next) {
  const { buyer } = context.vars
  const { outcome } = listen(response, context, metrics, (told, meaning) =>
    meaning === 'paid' ? faultOfPayment(told, buyer.reservation, buyer.id) : '',
  )
  buyer.acknowledged.paid = outcome === 'paid'
  buyer.end = outcome
  buyer.late = outcome === 'gone' && mayHaveExpired(buyer.told, response.headers.date)
  next()
}

/** @param {Vars} vars */
export function letsGo({ buyer }) {
  return buyer.acknowledged.held && buyer.intention === 'lets_go'
}

/** @type {Hears} */
export function heardRelease(_request, response, context, metrics, next) {
  const { buyer } = context.vars
  const { outcome } = listen(response, context, metrics, () => '')
  buyer.acknowledged.let_go = outcome === 'let_go'
  buyer.end = outcome
  buyer.late = outcome === 'gone' && mayHaveExpired(buyer.told, response.headers.date)
  next()
}

/** @type {Does} */
export function leave({ vars }, metrics, next) {
  tell(metrics, storyOf(vars.buyer, vars.buyer.end))
  next()
}
