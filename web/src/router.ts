/** The addresses of the page. The service answers each of them with index.html; the views are loaded when needed. */

import { nextTick } from 'vue'
import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteRecordRaw } from 'vue-router'

/** The parts of an address that name a date of an event; every page of a date gets them as props. */
export interface DateAddress {
  readonly eventId: number
  readonly date: string
  readonly startTime: string
}

/** The route's parameters of a date of an event. */
export function dateParams(address: DateAddress): Record<string, string> {
  return { eventId: String(address.eventId), date: address.date, startTime: address.startTime }
}

function eventProps(route: RouteLocationNormalized): { eventId: number } {
  return { eventId: Number(route.params['eventId']) }
}

function dateProps(route: RouteLocationNormalized): DateAddress {
  const startTime = String(route.params['startTime'])
  const whole = startTime.length === 5 ? `${startTime}:00` : startTime
  return { ...eventProps(route), date: String(route.params['date']), startTime: whole }
}

const routes: RouteRecordRaw[] = [
  { path: '/', name: 'events', component: () => import('@/pages/EventsPage.vue') },
  { path: '/event/:eventId', name: 'event', component: () => import('@/pages/EventPage.vue'), props: eventProps },
  {
    path: '/event/:eventId/:date/:startTime',
    name: 'book',
    component: () => import('@/pages/BookPage.vue'),
    props: dateProps,
  },
  {
    path: '/booking/:reservationId',
    name: 'booking',
    component: () => import('@/pages/BookingPage.vue'),
    props: true,
  },
  {
    path: '/shards/:eventId/:date/:startTime',
    name: 'shards',
    component: () => import('@/pages/ShardsPage.vue'),
    props: dateProps,
  },
  {
    path: '/rush/:eventId/:date/:startTime',
    name: 'rush',
    component: () => import('@/pages/RushPage.vue'),
    props: dateProps,
  },
  { path: '/manage', name: 'manage', component: () => import('@/pages/ManagePage.vue') },
  {
    path: '/manage/event/:eventId',
    name: 'manage-event',
    component: () => import('@/pages/ManageEventPage.vue'),
    props: eventProps,
  },
  {
    path: '/manage/event/:eventId/:date/:startTime',
    name: 'manage-date',
    component: () => import('@/pages/ManageDatePage.vue'),
    props: dateProps,
  },
  { path: '/:rest(.*)*', name: 'not-found', component: () => import('@/pages/NotFoundPage.vue') },
]

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
})

// Who reads with a screen reader, or goes by keyboard, begins at the top of the new page.
router.afterEach(async (to, from, failed) => {
  if (failed || from.matched.length === 0 || to.path === from.path) return
  await nextTick()
  document.querySelector<HTMLElement>('#content')?.focus({ preventScroll: true })
})
