/**
 * The bookings made in this browser, so that nobody loses one by closing a tab. What they are worth the service says;
 * here stands only where they are, and what was last heard of them.
 */

import { ref } from 'vue'
import { readKept, writeKept } from '@/kept'

export type BookingState = 'held' | 'paid' | 'released' | 'gone'

export interface Booking {
  readonly reservationId: string
  readonly eventId: number
  readonly eventName: string
  readonly timeZone: string
  readonly date: string
  readonly startTime: string
  /** Not known before the booking has been looked at. */
  readonly createdAt?: string
  readonly expiresAt: string
  readonly quantities: Readonly<Record<number, number>>
  readonly state: BookingState
}

const KEY = 'bookings'
const BOOKINGS_MAX = 30

export const bookings = ref<readonly Booking[]>(readBookings())

// Other tabs of this browser book too.
addEventListener('storage', () => (bookings.value = readBookings()))

/** Note a booking, or what is new of it; the newest comes first. */
export function noteBooking(booking: Booking): void {
  const others = readBookings().filter((each) => each.reservationId !== booking.reservationId)
  keep([booking, ...others].slice(0, BOOKINGS_MAX))
}

/** Note what has become of a booking, if it is one of this browser's. */
export function noteState(reservationId: string, state: BookingState): void {
  keep(readBookings().map((each) => (each.reservationId === reservationId ? { ...each, state } : each)))
}

/** The booking with this id, if it is one of this browser's. */
export function findBooking(reservationId: string): Booking | null {
  return bookings.value.find((each) => each.reservationId === reservationId) ?? null
}

/** How many tickets a booking has. */
export function ticketsIn(booking: Booking): number {
  return Object.values(booking.quantities).reduce((sum, quantity) => sum + quantity, 0)
}

function keep(changed: readonly Booking[]): void {
  bookings.value = changed
  writeKept(localStorage, KEY, changed)
}

function readBookings(): readonly Booking[] {
  const kept = readKept(localStorage, KEY)
  return Array.isArray(kept) ? (kept as Booking[]) : []
}
