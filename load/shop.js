/** What is on sale for a storm: events made by the admin routes, those that the service lists, or a file of either. */

import { readFileSync } from 'node:fs'

/**
 * @typedef {import('./settings.js').Settings} Settings
 * @typedef {import('./tickets.js').EventOnSale} EventOnSale
 * @typedef {import('./tickets.js').Shop} Shop
 * @typedef {{ target: string, token: string, settings: Settings }} Admin
 */

const START_TIME = '20:00'
const PAGE_LIMIT = 100

/**
 * Return what is on sale: what the file STRESS_EVENTS says, else events made anew with ADMIN_TOKEN, else those that the
 * service lists. Throws an Error when there is nothing to buy or the service refuses.
 * @param {NodeJS.ProcessEnv} environment @param {string} target @param {Settings} settings @returns {Promise<Shop>}
 */
export async function openShop(environment, target, settings) {
  if (environment.STRESS_EVENTS) return JSON.parse(readFileSync(environment.STRESS_EVENTS, 'utf8'))
  if (environment.ADMIN_TOKEN) return makeShop({ target, token: environment.ADMIN_TOKEN, settings })
  return listShop(target, settings.many_events)
}

/**
 * Make the events of a storm, new ones at each call.
 * @param {Admin} admin @returns {Promise<Shop>}
 */
async function makeShop(admin) {
  const { settings } = admin
  const types = await makeTypes(admin)
  const make = (/** @type {string} */ name, /** @type {number} */ capacity, dates = 1) =>
    makeEvent(admin, { name, capacity, dates, types })
  const hot = await make('Stress: the hot date', settings.capacity)
  const soldOut = await make('Stress: as good as sold out', settings.sold_out_capacity)
  const many = []
  for (let number = 1; number <= settings.many_events; number += 1) {
    many.push(await make(`Stress: event ${number}`, settings.many_capacity, settings.many_dates))
  }
  return { hot, many, sold_out: soldOut }
}

/** Return the ids of the settings' ticket types; those that are missing are made. @param {Admin} admin */
async function makeTypes({ target, token, settings }) {
  const listed = await ask(`${target}/admin/ticket-types`, { token })
  /** @type {Map<string, number>} */
  const ids = new Map(listed.ticketTypes.map((/** @type {any} */ type) => [type.name, type.id]))
  for (const { name } of settings.types) {
    if (!ids.has(name)) ids.set(name, (await ask(`${target}/admin/ticket-types`, { token, body: { name } })).id)
  }
  return ids
}

/**
 * @param {Admin} admin
 * @param {{ name: string, capacity: number, dates: number, types: Map<string, number> }} event
 * @returns {Promise<EventOnSale>}
 */
async function makeEvent({ target, token, settings }, { name, capacity, dates, types }) {
  const days = daysOfNextYear(dates)
  const offered = settings.types.map((type) => ({
    tickettypeId: types.get(type.name),
    max: type.max_share === null ? null : Math.ceil(type.max_share * capacity),
  }))
  const made = await ask(`${target}/admin/events`, {
    token,
    body: {
      name,
      maxTickets: capacity,
      numShards: settings.shards,
      ticketTypes: offered,
      dates: days.map((date) => ({ date, startTime: START_TIME })),
    },
  })
  return {
    event_id: made.id,
    dates: some(days.map((date) => ({ date, start_time: START_TIME }))),
    ticket_types: made.ticketTypes.map((/** @type {any} */ type) => ({
      id: type.tickettypeId,
      name: type.name,
      max: type.max,
    })),
    max_tickets: made.maxTickets,
    shards: made.numShards,
  }
}

/** @template T @param {T[]} list @returns {import('./tickets.js').Some<T>} */
function some(list) {
  if (list.length === 0) throw new Error('an event needs a date')
  return /** @type {import('./tickets.js').Some<T>} */ (list)
}

/** @param {number} count @returns {string[]} */
function daysOfNextYear(count) {
  const year = new Date().getUTCFullYear() + 1
  return Array.from({ length: count }, (_, day) => new Date(Date.UTC(year, 0, day + 1)).toISOString().slice(0, 10))
}

/** @param {string} target @param {number} eventsMax @returns {Promise<Shop>} */
async function listShop(target, eventsMax) {
  const { events } = await ask(`${target}/events?limit=${Math.min(eventsMax + 1, PAGE_LIMIT)}`)
  /** @type {EventOnSale[]} */
  const many = []
  let soldOut
  for (const { id, soldOut: hasNothingLeft } of events) {
    const event = await describe(target, id)
    if (hasNothingLeft) soldOut ??= event
    else if (event) many.push(event)
  }
  const hot = many[0]
  if (!hot) throw new Error(`${target} lists nothing to buy; with ADMIN_TOKEN, events are made`)
  return { hot, many, sold_out: soldOut ?? hot }
}

/** @param {string} target @param {number} id @returns {Promise<EventOnSale | undefined>} */
async function describe(target, id) {
  const { dates } = await ask(`${target}/events/${id}?limit=${PAGE_LIMIT}`)
  if (dates.length === 0) return undefined
  return {
    event_id: id,
    dates: dates.map((/** @type {any} */ date) => ({ date: date.date, start_time: date.startTime })),
    ticket_types: dates[0].ticketTypes.map((/** @type {any} */ type) => ({
      id: type.tickettypeId,
      name: type.name,
      max: type.capacity,
    })),
    max_tickets: dates[0].capacity,
    shards: null,
  }
}

/**
 * @param {string} url @param {{ token?: string, body?: object }} [how] @returns {Promise<any>}
 */
async function ask(url, { token, body } = {}) {
  /** @type {Record<string, string>} */
  const headers = { accept: 'application/json' }
  if (token) headers.authorization = `Bearer ${token}`
  if (body) headers['content-type'] = 'application/json'
  const answer = await fetch(url, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body) }).catch(
    ({ message, cause }) => {
      throw new Error(`${url} cannot be reached: ${cause?.message || cause?.code || message}`)
    },
  )
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return answer.json()
}
