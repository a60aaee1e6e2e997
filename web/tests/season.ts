/** A season as a house would have it: events of all sizes, dates ahead, some of them nearly or wholly sold. */

import { daysAhead, type Shop, type Shown } from './shop.ts'

const TICKETS_OF_HOLD_MAX = 50
const DAYS_OF_WEEK = 7

export interface Season {
  /** Weekly; its dates are sold to different degrees, the third one wholly. */
  readonly opera: Shown
  /** A few small evenings, of which the first is sold out. */
  readonly jazz: Shown
}

/** Make the season, and sell parts of it; so many small concerts besides. */
export async function fillSeason(shop: Shop, concerts: number): Promise<Season> {
  const opera = await shop.open({
    name: 'The Marriage of Figaro',
    timeZone: 'Europe/Vienna',
    maxTickets: 600,
    types: { Normal: 500, Discount: 150, Box: 40 },
    shards: 8,
    dates: Array.from({ length: 30 }, (_, week) => dateOf(3 + DAYS_OF_WEEK * week, '19:30')),
  })
  const jazz = await shop.open({
    name: 'Night Train: an evening of jazz',
    timeZone: 'America/New_York',
    maxTickets: 12,
    dates: [1, 2, 3].map((days) => dateOf(days, '21:00')),
  })
  await sellOpera(shop, opera)
  await sell(shop, jazz, 'Normal', 12)
  await openOthers(shop)
  for (let number = 1; number <= concerts; number++) {
    const dates = [dateOf(20 + 3 * number, '19:00')]
    await shop.open({ name: `Chamber concert no. ${number}`, timeZone: 'Europe/Berlin', maxTickets: 80, dates })
  }
  return { opera, jazz }
}

/** Sell so many tickets of a type, on the event's first date or on another one. */
export async function sell(shop: Shop, event: Shown, type: string, quantity: number): Promise<void> {
  for (let left = quantity; left > 0; left -= TICKETS_OF_HOLD_MAX) {
    const line = { tickettypeId: event.types[type]!, quantity: Math.min(left, TICKETS_OF_HOLD_MAX) }
    await shop.pay(await shop.hold(event, [line]))
  }
}

async function sellOpera(shop: Shop, opera: Shown): Promise<void> {
  const onWeek = (week: number) => ({ ...opera, date: dateOf(3 + DAYS_OF_WEEK * week, '19:30').date })
  await sell(shop, onWeek(0), 'Normal', 412)
  await sell(shop, onWeek(0), 'Discount', 131)
  await sell(shop, onWeek(1), 'Normal', 188)
  await sell(shop, onWeek(1), 'Discount', 150)
  await sell(shop, onWeek(2), 'Normal', 500)
  await sell(shop, onWeek(2), 'Discount', 100)
  await sell(shop, onWeek(3), 'Normal', 230)
  await sell(shop, onWeek(3), 'Box', 12)
  await sell(shop, onWeek(4), 'Discount', 64)
}

async function openOthers(shop: Shop): Promise<void> {
  const puppets = await shop.open({
    name: 'The Little Lighthouse (puppets, from 4 years)',
    timeZone: 'Asia/Tokyo',
    maxTickets: 40,
    types: { Child: 30, 'Accompanying adult': 20 },
    dates: [dateOf(2, '10:30')],
  })
  await sell(shop, puppets, 'Child', 30)
  await sell(shop, puppets, 'Accompanying adult', 10)
  const times = ['10:00', '13:00', '16:00']
  const dates = [4, 5, 6, 7, 8].flatMap((days) => times.map((startTime) => dateOf(days, startTime)))
  await shop.open({ name: 'Museum of Maps: timed entry', maxTickets: 60, types: { Normal: null, Child: 20 }, dates })
  await shop.open({
    name: 'Harbour Stadium: the final',
    timeZone: 'Europe/Lisbon',
    maxTickets: 45_000,
    types: { Normal: null, Discount: 5_000, VIP: 400 },
    shards: 64,
    dates: [dateOf(21, '20:45')],
  })
}

function dateOf(days: number, startTime: string): { date: string; startTime: string } {
  return { date: daysAhead(days), startTime }
}
