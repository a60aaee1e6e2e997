/**
 * Numbers, dates and times as people read them. The page speaks English, so its formats do too, in the reader's kind of
 * English. Dates and start times are local to their event's zone, which is named wherever a time is shown.
 */

const LOCALE = globalThis.navigator?.languages.find((language) => /^en\b/i.test(language)) ?? 'en-GB'

const count = new Intl.NumberFormat(LOCALE)
const part = new Intl.NumberFormat(LOCALE, { style: 'percent' })
const oneDigit = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 1, maximumFractionDigits: 1 })

// A local date has no zone: it is laid on UTC and read there, so that no zone can move it.
const dateForms = {
  long: new Intl.DateTimeFormat(LOCALE, { dateStyle: 'full', timeZone: 'UTC' }),
  medium: utcFormat({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }),
  weekday: utcFormat({ weekday: 'short' }),
  day: utcFormat({ day: 'numeric' }),
  month: utcFormat({ month: 'short' }),
  year: utcFormat({ year: 'numeric' }),
  time: utcFormat({ hour: '2-digit', minute: '2-digit' }),
  timeWithSeconds: utcFormat({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
}

function utcFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: 'UTC' })
}

/** 12,345 */
export function formatCount(value: number): string {
  return count.format(value)
}

/** 42% */
export function formatPart(share: number): string {
  return part.format(share)
}

/** 'ticket' or 'tickets' with their number. */
export function formatTickets(value: number): string {
  return value === 1 ? '1 ticket' : `${formatCount(value)} tickets`
}

export type DateForm = 'long' | 'medium' | 'weekday' | 'day' | 'month' | 'year'

/** A local date, as 'Friday, 4 December 2026' (long) or by one of its parts. */
export function formatDate(date: string, form: DateForm = 'medium'): string {
  return dateForms[form].format(new Date(`${date}T00:00:00Z`))
}

/** A local time; its seconds are shown only where there are any. */
export function formatTime(startTime: string): string {
  const form = /:\d\d:(?!00)\d\d$/.test(startTime) ? dateForms.timeWithSeconds : dateForms.time
  return form.format(new Date(`2000-01-01T${startTime}Z`))
}

/** 4:05 of a time left; never below 0:00, and a second that has begun counts as whole. */
export function formatCountdown(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** 0.4 s, 12 s, 3 min, 2 h: how old something is. */
export function formatAge(ageMs: number): string {
  const seconds = Math.max(0, ageMs) / 1000
  if (seconds < 10) return `${oneDigit.format(seconds)} s`
  if (seconds < 120) return `${Math.round(seconds)} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}

/** 12 ms, 1.2 s: how long something took. */
export function formatDuration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${oneDigit.format(ms / 1000)} s`
}

/** An instant (RFC 3339) in an event's zone, which is named: '4 Dec 2026, 20:15:07 CET', or its time alone. */
export function formatInstant(instant: string, zone: string, form: 'full' | 'time' = 'full'): string {
  const day = { day: 'numeric', month: 'short', year: 'numeric' } as const
  const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' } as const
  const fields = form === 'full' ? { ...day, ...time } : time
  return new Intl.DateTimeFormat(LOCALE, { ...fields, timeZone: zone }).format(new Date(instant))
}

/** 0, 4.2, 120: how much happens in a second; a digit behind the point only where it says something. */
export function formatRate(perSecond: number): string {
  return perSecond >= 0.05 && perSecond < 9.95 ? oneDigit.format(perSecond) : count.format(Math.round(perSecond))
}
