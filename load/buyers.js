/** A buyer from arrival to the end of the story: pure functions of values. */

import { drawIntention, drawOne, drawOrder, drawWhole, pathOf, ticketsIn } from './tickets.js'

/**
 * @typedef {import('./settings.js').Settings} Settings
 * @typedef {import('./tickets.js').EventOnSale} EventOnSale
 * @typedef {import('./tickets.js').Shop} Shop
 * @typedef {import('./tickets.js').Chance} Chance
 * @typedef {import('./answers.js').Outcome | 'walked_away'} End
 * @typedef {Record<'held' | 'paid' | 'let_go', boolean>} Steps
 * @typedef {object} Buyer
 * @property {string} id also the idempotency key, where one is sent, and the payment reference
 * @property {string} scenario
 * @property {number} event_id
 * @property {string} date the address where tickets of the date are held
 * @property {import('./tickets.js').Line[]} lines
 * @property {string} order the lines as they are sent
 * @property {string} payment what is sent to pay
 * @property {import('./tickets.js').Intention} intention
 * @property {string} thinks how long before paying or letting go
 * @property {string | null} lost the address that the answer told whose connection was cut
 * @property {string} reservation its address; empty before one is held
 * @property {string} told the answer that told of the reservation
 * @property {boolean} late whether the hold was gone when its time may have been over
 * @property {Steps} asked
 * @property {Steps} acknowledged
 * @property {End} end
 */

const NONE = Object.freeze({ held: false, paid: false, let_go: false })
const AT_THE_CEILING = 2

/**
 * Return the event that a buyer of a scenario goes for.
 * @param {string} scenario @param {Shop} shop @param {Chance} chance @returns {EventOnSale}
 */
export function arrivesAt(scenario, shop, chance) {
  if (scenario === 'many_events' || scenario === 'repeats') return drawOne(shop.many, chance)
  return scenario === 'sold_out' ? shop.sold_out : shop.hot
}

/**
 * Return a buyer who has decided what to buy and whether to pay, and has asked for nothing yet. At the ceiling all
 * buyers ask for the same.
 * @param {{ id: string, scenario: string, event: EventOnSale, settings: Settings, chance: Chance }} who
 * @returns {Buyer}
 */
export function orderOf({ id, scenario, event, settings, chance }) {
  const alike = scenario === 'ceiling'
  const lines = alike
    ? [{ tickettypeId: event.ticket_types[0].id, quantity: AT_THE_CEILING }]
    : drawOrder(event.ticket_types, settings, chance)
  return {
    id,
    scenario,
    event_id: event.event_id,
    date: pathOf(event, alike ? event.dates[0] : drawOne(event.dates, chance)),
    lines,
    order: JSON.stringify(lines),
    payment: JSON.stringify({ paymentReference: id }),
    intention: drawIntention(settings.shares, chance),
    thinks: `${drawWhole(settings.think_ms, chance)}ms`,
    lost: null,
    reservation: '',
    told: '',
    late: false,
    asked: { ...NONE },
    acknowledged: { ...NONE },
    end: 'failed',
  }
}

/**
 * What is kept of a buyer. What was asked but not acknowledged may have happened all the same.
 * @param {Buyer} buyer @param {End} end
 */
export function storyOf(buyer, end) {
  return {
    buyer: buyer.id,
    scenario: buyer.scenario,
    event_id: buyer.event_id,
    tickets: ticketsIn(buyer.lines),
    end,
    reservation: buyer.reservation.slice(buyer.reservation.lastIndexOf('/') + 1) || null,
    late: buyer.late,
    asked: buyer.asked,
    acknowledged: buyer.acknowledged,
  }
}
