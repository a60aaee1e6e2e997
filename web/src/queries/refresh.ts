import { failureOf } from '@/failure'

interface Asked {
  readonly state: { readonly error: unknown }
}

/** Ask again after so long, also while the service is away; never again where the answer will stay the same. */
export function refreshEvery(ms: number): (query: Asked) => number | false {
  return ({ state: { error } }) => (error === null || failureOf(error).passing ? ms : false)
}
