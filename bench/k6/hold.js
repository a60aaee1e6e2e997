// Holds tickets of one type, on one date or on a random one of many.
//
// ARGUMENTS: ticket type, quantity, then one path or more

import http from "k6/http";
import { closed, count, json, target } from "./counting.js";

export { handleSummary, setup } from "./counting.js";
export const options = closed;

const [tickettypeId, quantity, ...paths] = JSON.parse(__ENV.ARGUMENTS);
const urls = paths.map((path) => target + path);
const body = JSON.stringify([{ tickettypeId, quantity }]);

export function hold() {
    const response = http.post(urls[Math.floor(Math.random() * urls.length)], body, json);
    count(response);
    return response;
}

export default function () {
    hold();
}
