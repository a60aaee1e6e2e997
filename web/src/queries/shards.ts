import { useQuery } from '@tanstack/vue-query'
import { computed, shallowRef, watch } from 'vue'
import { granted, signedIn } from '@/admin'
import { getShards, type DateShards } from '@/api'
import { marksOf, withProcesses } from '@/letters'
import type { Figures } from '@/queries/dates'
import { refreshEvery } from '@/queries/refresh'
import type { DateAddress } from '@/router'

const REFRESH_MS = 1_000

/** All shards of a date, asked again each second while the tab is looked at; and a mark for each process seen. */
export function useShards({ eventId, date, startTime }: DateAddress) {
  const query = useQuery({
    queryKey: ['admin', 'shards', eventId, date, startTime],
    queryFn: ({ signal }) => shardsNow({ eventId, date, startTime }, signal),
    enabled: signedIn,
    refetchInterval: refreshEvery(REFRESH_MS),
    retry: false,
  })
  const seen = shallowRef<readonly string[]>([])
  const known = (): void => void (seen.value = withProcesses(seen.value, query.data.value?.data.processes ?? []))
  watch(query.data, known, { immediate: true })
  return { ...query, marks: computed(() => marksOf(seen.value)) }
}

async function shardsNow(address: DateAddress, signal: AbortSignal): Promise<Figures<DateShards>> {
  const path = { event_id: address.eventId, date: address.date, start_time: address.startTime }
  // The service read them after it was asked: they are at most as old as this says.
  const readAt = Date.now()
  return { data: await granted((auth) => getShards({ path, auth, signal })), readAt }
}
