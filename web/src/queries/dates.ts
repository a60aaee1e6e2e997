import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { getEvent, type DateAvailability, type DatesPage } from '@/api'
import { answerOf } from '@/ask'
import { Failure } from '@/failure'
import { refreshEvery } from '@/queries/refresh'
import type { DateAddress } from '@/router'

const DATES_OF_PAGE = 20
const REFRESH_MS = 2_000
/** Start times of one date are looked for on at most so many pages of 100. */
const PAGES_MAX = 20

export interface DatesWanted {
  readonly eventId: number
  readonly from: string | undefined
  readonly to: string | undefined
  readonly cursor: string | undefined
}

/** Figures, and when they were read from the database by the reader's clock. */
export interface Figures<Data> {
  readonly data: Data
  readonly readAt: number
}

export interface OneDate {
  readonly eventName: string
  readonly timeZone: string
  readonly figures: DateAvailability
}

/** A page of an event's dates with what is left of them, asked again and again while it is looked at. */
export function useDates(wanted: MaybeRefOrGetter<DatesWanted>, enabled: MaybeRefOrGetter<boolean> = true) {
  return useQuery({
    queryKey: computed(() => ['dates', toValue(wanted)]),
    queryFn: ({ signal }) => datesPage({ ...toValue(wanted), limit: DATES_OF_PAGE }, signal),
    enabled: () => toValue(enabled),
    placeholderData: keepPreviousData,
    refetchInterval: refreshEvery(REFRESH_MS),
    retry: false,
  })
}

/** One date with what is left of it; null as address waits. `live`: ask again and again. */
export function useDate(address: MaybeRefOrGetter<DateAddress | null>, live: MaybeRefOrGetter<boolean> = true) {
  return useQuery({
    queryKey: computed(() => ['date', toValue(address)]),
    queryFn: ({ signal }) => oneDate(toValue(address)!, signal),
    enabled: () => toValue(address) !== null,
    refetchInterval: (query) => (toValue(live) ? refreshEvery(REFRESH_MS)(query) : false),
    retry: false,
  })
}

type PageWanted = DatesWanted & { readonly limit: number }

async function datesPage(wanted: PageWanted, signal: AbortSignal): Promise<Figures<DatesPage>> {
  const { eventId, ...query } = wanted
  const { data, headers } = await answerOf(getEvent({ path: { event_id: eventId }, query, signal }))
  return { data, readAt: Date.now() - Number(headers.get('Availability-Age-Ms') ?? 0) }
}

async function oneDate(address: DateAddress, signal: AbortSignal): Promise<Figures<OneDate>> {
  const { eventId, date, startTime } = address
  let cursor: string | undefined
  for (let page = 0; page < PAGES_MAX; page++) {
    const { data, readAt } = await datesPage({ eventId, from: date, to: date, cursor, limit: 100 }, signal)
    const figures = data.dates.find((each) => each.startTime === startTime)
    if (figures !== undefined) return { data: { eventName: data.name, timeZone: data.timeZone, figures }, readAt }
    if (data.next === null) break
    cursor = data.next
  }
  throw new Failure('missing', 'The event has no such date.')
}
