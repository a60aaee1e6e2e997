import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { granted, signedIn } from '@/admin'
import { previewRecurrence, type RecurrenceGiven } from '@/api'

/** The dates that a recurrence would make; null waits. */
export function useRecurrence(given: MaybeRefOrGetter<RecurrenceGiven | null>) {
  return useQuery({
    queryKey: computed(() => ['admin', 'recurrence', toValue(given)]),
    queryFn: ({ signal }) => granted((auth) => previewRecurrence({ body: toValue(given)!, auth, signal })),
    enabled: () => signedIn() && toValue(given) !== null,
    placeholderData: keepPreviousData,
    retry: false,
  })
}
