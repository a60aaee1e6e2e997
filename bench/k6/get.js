// Asks for one path again and again.
//
// ARGUMENTS: path

import http from "k6/http";
import { closed, count, target } from "./counting.js";

export { handleSummary, setup } from "./counting.js";
export const options = closed;

const url = target + JSON.parse(__ENV.ARGUMENTS)[0];

export default function () {
    count(http.get(url));
}
