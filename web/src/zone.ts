/** Times of an event's zone and the reader's. Pure but for the reader's own zone. */

const DAY_MS = 86_400_000

const fieldsOfZone = new Map<string, Intl.DateTimeFormat>()

/** The local time of a zone at an instant, as if it were UTC: milliseconds since 1970. */
function wallClock(instant: number, zone: string): number {
  const parts = fieldsFormat(zone).formatToParts(instant)
  const field = (type: string): number => Number(parts.find((each) => each.type === type)?.value)
  return Date.UTC(field('year'), field('month') - 1, field('day'), field('hour'), field('minute'), field('second'))
}

function fieldsFormat(zone: string): Intl.DateTimeFormat {
  let format = fieldsOfZone.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    fieldsOfZone.set(zone, format)
  }
  return format
}

/**
 * When a local date and time come in a zone: milliseconds since 1970. As the database has it: where clocks go back, the
 * second of the two; a time that they jump over is read as if they had not yet.
 */
export function instantOf(date: string, startTime: string, zone: string): number {
  const wanted = Date.parse(`${date}T${startTime.length === 5 ? `${startTime}:00` : startTime}Z`)
  const after = wanted - offsetAt(wanted + DAY_MS, zone)
  return wallClock(after, zone) === wanted ? after : wanted - offsetAt(wanted - DAY_MS, zone)
}

function offsetAt(instant: number, zone: string): number {
  return wallClock(instant, zone) - instant
}

/** 'Vienna (GMT+1)': the zone, and how far it is from Greenwich at an instant. UTC is named alone. */
export function nameZone(zone: string, instant: number): string {
  if (zone === 'UTC' || zone === 'Etc/UTC') return 'UTC'
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts(instant)
  const offset = parts.find((each) => each.type === 'timeZoneName')?.value ?? 'GMT'
  return `${cityOf(zone)} (${offset})`
}

/** 'New York' of 'America/New_York'. */
export function cityOf(zone: string): string {
  return (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ')
}

/** Today's date in a zone, YYYY-MM-DD. */
export function todayIn(zone: string, instant: number): string {
  return new Date(wallClock(instant, zone)).toISOString().slice(0, 10)
}

/** A date so many days later. */
export function daysAfter(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

/** An instant by the reader's own clock, or null where that shows the same as the event's. */
export function readersTime(instant: number, zone: string): string | null {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone
  if (wallClock(instant, own) === wallClock(instant, zone)) return null
  const fields = { weekday: 'short', hour: '2-digit', minute: '2-digit', timeZone: own } as const
  return new Intl.DateTimeFormat('en-GB', fields).format(instant)
}
