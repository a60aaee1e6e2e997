import { useMutation } from '@tanstack/vue-query'
import { granted } from '@/admin'
import { auditEvent } from '@/api'

/** The service gives up after half a minute, which is longer than other answers take. */
const AUDIT_MS_MAX = 45_000

/** Having an event recounted; it may be asked as often as one likes. */
export function useAudit(eventId: number) {
  const path = { event_id: eventId }
  return useMutation({ mutationFn: () => granted((auth) => auditEvent({ path, auth, fetch: patiently })) })
}

function patiently(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  return fetch(input, { ...init, signal: AbortSignal.timeout(AUDIT_MS_MAX) })
}
