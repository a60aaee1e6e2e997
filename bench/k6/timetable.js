// Sends one request again and again by a timetable, and writes a line for each: its number from 0, when it was sent in
// ms from the first due moment, how long its answer took in ms, and its status.
//
// TARGET (the whole URL), BODY (none: GET), REQUESTS in 1,000 s, SECONDS, CONNECTIONS that are there for it
//
// A request that is due when no user is free is not sent at all: k6 drops it. The time that it takes to open a user's
// connection, before the first request of each, is left out.

import http from "k6/http";
import exec from "k6/execution";
import { count, json, lean, target } from "./counting.js";

export { handleSummary, setup } from "./counting.js";

export const options = {
    ...lean,
    scenarios: {
        timetable: {
            executor: "constant-arrival-rate",
            rate: Number(__ENV.REQUESTS),
            timeUnit: "1000s",
            duration: `${__ENV.SECONDS}s`,
            preAllocatedVUs: Number(__ENV.CONNECTIONS),
            maxVUs: Number(__ENV.CONNECTIONS),
            gracefulStop: "60s",
        },
    },
};

const body = __ENV.BODY;

export default function () {
    const sentAt = Date.now() - exec.scenario.startTime;
    const response = body ? http.post(target, body, json) : http.get(target);
    count(response);
    console.log(`${exec.scenario.iterationInTest} ${sentAt} ${response.timings.duration} ${response.status}`);
}
