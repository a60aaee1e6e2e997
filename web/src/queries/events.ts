import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { listEvents } from '@/api'
import { dataOf } from '@/ask'
import { refreshEvery } from '@/queries/refresh'

const EVENTS_OF_PAGE = 24
const REFRESH_MS = 5_000

export interface EventsWanted {
  readonly q: string
  readonly cursor: string | undefined
}

/** A page of the events that still have a date ahead; the page before stays until the next has come. */
export function useEvents(wanted: MaybeRefOrGetter<EventsWanted>) {
  return useQuery({
    queryKey: computed(() => ['events', toValue(wanted)]),
    queryFn: ({ signal }) => {
      const { q, cursor } = toValue(wanted)
      return dataOf(listEvents({ query: { limit: EVENTS_OF_PAGE, cursor, q: q === '' ? undefined : q }, signal }))
    },
    placeholderData: keepPreviousData,
    refetchInterval: refreshEvery(REFRESH_MS),
  })
}
