import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { granted, signedIn } from '@/admin'
import { listReservations, type ReservationsPage } from '@/api'
import type { Figures } from '@/queries/dates'
import { refreshEvery } from '@/queries/refresh'
import type { DateAddress } from '@/router'

const RESERVATIONS_OF_PAGE = 20
const REFRESH_MS = 3_000

export type StateWanted = 'held' | 'paid' | undefined

export interface ReservationsWanted {
  readonly state: StateWanted
  readonly cursor: string | undefined
}

/** A page of the living reservations of a date, the latest first, asked again while it is looked at. */
export function useReservations(address: DateAddress, wanted: MaybeRefOrGetter<ReservationsWanted>) {
  return useQuery({
    queryKey: computed(() => ['admin', 'reservations', address, toValue(wanted)]),
    queryFn: ({ signal }) => reservationsPage(address, toValue(wanted), signal),
    enabled: signedIn,
    placeholderData: keepPreviousData,
    refetchInterval: refreshEvery(REFRESH_MS),
    retry: false,
  })
}

async function reservationsPage(
  { eventId, date, startTime }: DateAddress,
  wanted: ReservationsWanted,
  signal: AbortSignal,
): Promise<Figures<ReservationsPage>> {
  const path = { event_id: eventId, date, start_time: startTime }
  const query = { ...wanted, limit: RESERVATIONS_OF_PAGE }
  const readAt = Date.now()
  return { data: await granted((auth) => listReservations({ path, query, auth, signal })), readAt }
}
