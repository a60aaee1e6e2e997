/** Where a refusal belongs on a form, and how it reads there. Pure. */

import { failureOf } from '@/failure'
import { formatCount } from '@/format'

export interface Refusal {
  /** The field, as the API names it; null where it is about none, or about all. */
  readonly field: string | null
  readonly text: string
}

/** The service says where a body does not fit, and otherwise names what is wrong in its first words. */
const MISFIT = /^The body does not fit at \$\.?([^:]*): (.*)$/
const SPOKEN: readonly (readonly [RegExp, string])[] = [
  [/^rrule:/, 'rrule'],
  [/^maxTickets\b/, 'maxTickets'],
  [/^numShards\b/, 'numShards'],
  [/^A name\b/, 'name'],
  [/\btime zone\b/, 'timeZone'],
  [/^(Date|Dates|At most [\d,]+ dates|[\d,]+ dates|Start times|startTime)\b|at least one date/, 'dates'],
  [/\bticket type/i, 'ticketTypes'],
]
const SOLD = /^\d+ tickets \((.*)\) are sold/

/** What a refusal says, and where. `types` are the names of ticket types by id, for limits below what is sold. */
export function refusalOf(thrown: unknown, types: ReadonlyMap<number, string> = new Map()): Refusal {
  const failure = failureOf(thrown)
  const { slug, message: detail } = failure
  if (slug === 'below-sold') return belowSold(detail, failure.problem?.sold ?? 0, types)
  if (slug === 'date-exists') return { field: 'dates', text: detail }
  if (slug !== 'invalid-request') return { field: null, text: detail }
  const misfit = MISFIT.exec(detail)
  if (misfit !== null) return { field: fieldAt(misfit[1] ?? ''), text: misfit[2] ?? detail }
  const field = SPOKEN.find(([words]) => words.test(detail))?.[1] ?? null
  return { field, text: detail.replace(/^rrule: /, '') }
}

function belowSold(detail: string, sold: number, types: ReadonlyMap<number, string>): Refusal {
  const name = SOLD.exec(detail)?.[1]
  const type = [...types].find(([, each]) => each === name)?.[0]
  const field = name === 'total' || type === undefined ? 'maxTickets' : `max:${type}`
  const text = `${formatCount(sold)} are held or paid on the fullest date: it cannot be less. Nothing was changed.`
  return { field, text }
}

/** 'rrule' of 'recurrence.rrule'; all that is wrong in a list is said of the list. */
function fieldAt(path: string): string | null {
  const [first = '', ...rest] = path.split('.')
  const list = /^(\w+)\[/.exec(first)?.[1]
  return list ?? rest.at(-1) ?? (first === '' ? null : first)
}
