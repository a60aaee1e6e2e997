import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { getReservation, payReservation, releaseReservation, type ReservationState } from '@/api'
import { dataOf } from '@/ask'
import { serverNow } from '@/clock'
import { failureOf } from '@/failure'

const REFRESH_MS = 3_000
/** After a hold's time is over the service is asked so often until it says what has become of it. */
const ASK_OVER_MS = 500

/** A reservation, asked again while it is held, and as soon as its time is over. */
export function useReservation(reservationId: string, enabled: MaybeRefOrGetter<boolean>) {
  return useQuery({
    queryKey: ['reservation', reservationId],
    queryFn: ({ signal }) => dataOf(getReservation({ path: { reservation_id: reservationId }, signal })),
    enabled: () => toValue(enabled),
    retry: false,
    refetchInterval: (query) => pauseBefore(query.state.data, query.state.error),
  })
}

/** Paying and letting go; both may be repeated until an answer has come. */
export function useDecision(reservationId: string, released: () => void) {
  const queries = useQueryClient()
  const path = { reservation_id: reservationId }
  const queryKey = ['reservation', reservationId]

  function lookAgain(error: unknown): void {
    if (!failureOf(error).passing) void queries.invalidateQueries({ queryKey })
  }

  const pay = useMutation({
    mutationFn: (paymentReference: string) => dataOf(payReservation({ path, body: { paymentReference } })),
    onMutate: () => queries.cancelQueries({ queryKey }),
    onSuccess: (paid) => queries.setQueryData(queryKey, paid),
    onError: lookAgain,
  })
  const release = useMutation({
    mutationFn: () => dataOf(releaseReservation({ path })),
    onMutate: () => queries.cancelQueries({ queryKey }),
    onSuccess: released,
    onError: lookAgain,
  })
  return { pay, release }
}

function pauseBefore(reservation: ReservationState | undefined, error: unknown): number | false {
  if (error !== null && !failureOf(error).passing) return false
  if (reservation?.state === 'paid') return false
  if (reservation === undefined) return REFRESH_MS
  const left = Date.parse(reservation.expiresAt) - serverNow()
  return left <= 0 ? ASK_OVER_MS : Math.min(REFRESH_MS, left + 50)
}
