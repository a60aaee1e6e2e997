/** What a buyer wants, drawn by chance: pure functions of values and of a source of numbers from 0 up to 1. */

/**
 * @template T @typedef {[T, ...T[]]} Some at least one
 */

/**
 * @typedef {{ id: number, name: string, max: number | null }} TypeOfEvent
 * @typedef {{ date: string, start_time: string }} DateOfEvent
 * @typedef {object} EventOnSale
 * @property {number} event_id
 * @property {Some<DateOfEvent>} dates
 * @property {Some<TypeOfEvent>} ticket_types
 * @property {number} max_tickets
 * @property {number | null} shards
 * @typedef {{ hot: EventOnSale, many: EventOnSale[], sold_out: EventOnSale }} Shop
 * @typedef {{ tickettypeId: number, quantity: number }} Line
 * @typedef {'pays' | 'walks_away' | 'lets_go'} Intention
 * @typedef {() => number} Chance
 */

/**
 * Draw a whole number, each from low to high as likely as the others.
 * @param {import('./settings.js').Range} range @param {Chance} chance
 */
export function drawWhole([low, high], chance) {
  return low + Math.floor(chance() * (high - low + 1))
}

/**
 * Draw one of several, each as likely as its weight is large. At least one weight is above 0.
 * @template T @param {readonly T[]} among @param {(one: T) => number} weightOf @param {Chance} chance @returns {T}
 */
export function drawWeighted(among, weightOf, chance) {
  let left = chance() * among.reduce((sum, one) => sum + weightOf(one), 0)
  for (const one of among) {
    left -= weightOf(one)
    if (left < 0) return one
  }
  return /** @type {T} */ (among.findLast((one) => weightOf(one) > 0))
}

/**
 * Draw one of at least one, each as likely as the others.
 * @template T @param {readonly T[]} among @param {Chance} chance @returns {T}
 */
export function drawOne(among, chance) {
  return /** @type {T} */ (among[Math.floor(chance() * among.length)])
}

/**
 * Draw the lines of an order: so many tickets, the type of each by itself, no type twice. A type that the settings do
 * not name weighs as much as the lightest that they do.
 * @param {readonly TypeOfEvent[]} offered @param {import('./settings.js').Settings} settings @param {Chance} chance
 * @returns {Line[]}
 */
export function drawOrder(offered, settings, chance) {
  const lightest = Math.min(...settings.types.map((type) => type.weight))
  const weights = new Map(settings.types.map((type) => [type.name, type.weight]))
  /** @type {Map<number, number>} */
  const quantities = new Map()
  for (let left = drawWhole(settings.tickets, chance); left > 0; left -= 1) {
    const { id } = drawWeighted(offered, (type) => weights.get(type.name) ?? lightest, chance)
    quantities.set(id, (quantities.get(id) ?? 0) + 1)
  }
  return [...quantities].map(([tickettypeId, quantity]) => ({ tickettypeId, quantity }))
}

/** @param {import('./settings.js').Settings['shares']} shares @param {Chance} chance @returns {Intention} */
export function drawIntention(shares, chance) {
  const intentions = /** @type {Intention[]} */ (Object.keys(shares))
  return drawWeighted(intentions, (intention) => shares[intention], chance)
}

/** @param {readonly Line[]} order */
export function ticketsIn(order) {
  return order.reduce((sum, line) => sum + line.quantity, 0)
}

/** Where the tickets of a date are held. @param {EventOnSale} event @param {DateOfEvent} date */
export function pathOf(event, date) {
  return `/events/${event.event_id}/${date.date}/${date.start_time}`
}
