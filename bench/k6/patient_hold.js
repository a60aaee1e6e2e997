// Holds tickets on one date; who is told to come back later waits as long as Retry-After says.
//
// ARGUMENTS: ticket type, quantity, path

import { sleep } from "k6";
import { hold } from "./hold.js";

export { handleSummary, options, setup } from "./hold.js";

export default function () {
    const response = hold();
    if (response.status === 503) sleep(Number(response.headers["Retry-After"]));
}
