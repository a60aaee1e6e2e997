import { useQuery } from '@tanstack/vue-query'
import { computed, shallowRef, watch } from 'vue'
import { granted, signedIn } from '@/admin'
import { getLiveCounts } from '@/api'
import { refreshEvery } from '@/queries/refresh'
import { flightBars, ratesOf, risenOver, sampleOf, withSample, type Sample } from '@/rates'

const REFRESH_MS = 1_000
/** How far back the lines go. */
export const SPAN_MS = 180_000

/** What all processes behind the port do, second by second, from when the view was opened. */
export function useLive() {
  const query = useQuery({
    queryKey: ['admin', 'live'],
    queryFn: ({ signal }) => granted((auth) => getLiveCounts({ auth, signal })),
    enabled: signedIn,
    refetchInterval: refreshEvery(REFRESH_MS),
    retry: false,
  })
  const samples = shallowRef<readonly Sample[]>([])
  watch(query.data, (live) => {
    if (live !== undefined) samples.value = withSample(samples.value, sampleOf(live), SPAN_MS)
  })
  return {
    ...query,
    rates: computed(() => ratesOf(samples.value)),
    flights: computed(() => flightBars(query.data.value?.flightSizes ?? [], risenOver(samples.value))),
  }
}
