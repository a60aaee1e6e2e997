// Counts every answer by its status and prints the counts as JSON at the end: shared by all loads.
//
// TARGET (where to send to), CONNECTIONS, SECONDS

import { Counter } from "k6/metrics";

// k6 wants its counters named before it begins: the statuses that the service documents, and what a broken one may say.
const STATUSES = [200, 201, 204, 400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 422, 429, 500, 502, 503, 504];
const counted = Object.fromEntries(STATUSES.map((status) => [status, new Counter(`status_${status}`)]));
const unanswered = new Counter("unanswered");
const unforeseen = new Counter("unforeseen");

export const target = __ENV.TARGET;
export const json = { headers: { "Content-Type": "application/json" } };

// What every load leaves out because nobody reads it, and k6 would pay for it with each request.
export const lean = { discardResponseBodies: true, systemTags: [], summaryTrendStats: ["max"] };

// A closed loop: each connection belongs to a user, who begins again when the last request is answered.
export const closed = {
    ...lean,
    scenarios: {
        closed: {
            executor: "constant-vus",
            vus: Number(__ENV.CONNECTIONS),
            duration: `${__ENV.SECONDS}s`,
            gracefulStop: "0s",
        },
    },
};

// All users are there now and the clock starts: whoever started k6 waits for this line.
export function setup() {
    console.log("begun");
}

export function count(response) {
    if (response.status === 0) unanswered.add(1);
    else (counted[response.status] || unforeseen).add(1);
}

export function handleSummary(data) {
    const found = (name) => (data.metrics[name] ? data.metrics[name].values.count : 0);
    const statuses = STATUSES.map((status) => [status, found(`status_${status}`)]).filter(([, times]) => times > 0);
    const counts = {
        seconds: data.state.testRunDurationMs / 1000,
        statuses: Object.fromEntries(statuses),
        unanswered: { failed: found("unanswered"), "a status that nobody foresaw": found("unforeseen") },
        dropped: found("dropped_iterations"),
    };
    return { stdout: `counted ${JSON.stringify(counts)}\n` };
}
