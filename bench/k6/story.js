// Holds tickets on one date and pays for them: each connection tells its own stories from beginning to end.
//
// ARGUMENTS: ticket type, quantity, path
//
// A story is told when its payment is answered 200.

import http from "k6/http";
import { count, json, target } from "./counting.js";
import { hold } from "./hold.js";

export { handleSummary, options, setup } from "./hold.js";

const reference = JSON.stringify({ paymentReference: 124351234 });

export default function () {
    const held = hold();
    if (held.status === 201) count(http.post(target + held.headers.Location, reference, json));
}
