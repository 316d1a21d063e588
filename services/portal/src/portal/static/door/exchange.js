// What goes to the portal and comes back: the list, the scans, the counts. Nothing here is lost when it fails.
import { verified } from "./list.js";
import { forgetList, keepList, keepScan, readList, scansOf } from "./store.js";

const AT_ONCE = 200;
const PATIENCE_MS = 8000;

export class SignedOut extends Error {}
export class Away extends Error {}
export class Refused extends Error {}

export class Exchange {
  constructor(told, device) {
    this.told = told;
    this.device = device;
  }

  // A fresh list, once its signature holds; raises Tampered, and keeps the former one then.
  async refresh() {
    const before = await scansOf(this.told.event);
    const text = await (await this.#ask(`${this.told.list}&appareil=${this.device}`)).text();
    const { keys } = await (await this.#ask(this.told.keys)).json();
    const list = await verified(text, keys, this.told.event);
    await keepList({ event: this.told.event, until: this.told.until, text, keys });
    for (const scan of before.filter((each) => each.state === "done" && !each.session_id && !each.listed)) {
      await keepScan({ ...scan, listed: true });
    }
    return list;
  }

  // The list kept, its signature checked again: what stands in a phone may have been changed too.
  async kept() {
    const held = await readList(this.told.event);
    return held ? verified(held.text, held.keys, this.told.event) : null;
  }

  // Send what waits, in parts; each answer is kept with its scan, and what is counted then told at once: the next part
  // may fail. Gives whether there was anything to send.
  async send(tellCounts) {
    const waiting = (await scansOf(this.told.event)).filter((scan) => scan.state === "waiting");
    for (let first = 0; first < waiting.length; first += AT_ONCE) {
      await this.#sendPart(waiting.slice(first, first + AT_ONCE), tellCounts);
    }
    return waiting.length > 0;
  }

  // One scan that is refused as a whole does not hold the others back: they are sent one by one then.
  async #sendPart(part, tellCounts) {
    try {
      const answer = await this.#post(part.map(asSent));
      await this.#keepAnswers(part, answer.results);
      tellCounts(answer.counts);
    } catch (error) {
      if (!(error instanceof Refused)) {
        throw error;
      }
      if (part.length === 1) {
        await keepScan({ ...part[0], state: "refused", sentence: error.message });
        return;
      }
      for (const scan of part) {
        await this.#sendPart([scan], tellCounts);
      }
    }
  }

  async counts() {
    return (await (await this.#ask(this.told.counts)).json()).counts;
  }

  // The address of what somebody asked of the welcome desk; empty when they asked for nothing, or nobody can say.
  async needsOf(registrationId) {
    const name = `?pour=${this.told.in_whose_name}`;
    try {
      const { has_needs: some } = await (await this.#ask(`${this.told.needs}${registrationId}${name}`)).json();
      return some ? `${this.told.person}${registrationId}${name}` : "";
    } catch (error) {
      if (error instanceof Away || error instanceof Refused) {
        return "";
      }
      throw error;
    }
  }

  async #keepAnswers(sent, results) {
    const byId = new Map(results.map((each) => [each.scan_id, each]));
    for (const scan of sent) {
      const said = byId.get(scan.scan_id);
      if (said) {
        const settled = isWell(said.outcome) ? "done" : "refused";
        const about = said.registration_id || scan.about;
        await keepScan({ ...scan, state: settled, outcome: said.outcome, about, name: scan.name || said.given_name });
      }
    }
  }

  async #post(scans) {
    const headers = { "content-type": "application/json" };
    return (await this.#ask(this.told.scans, { method: "POST", headers, body: JSON.stringify({ scans }) })).json();
  }

  async #ask(address, wish = {}) {
    let answer;
    try {
      answer = await fetch(address, { ...wish, redirect: "error", signal: AbortSignal.timeout(PATIENCE_MS) });
    } catch {
      throw new Away();
    }
    if ([401, 403, 404].includes(answer.status)) {
      await forgetList(this.told.event);
      throw new SignedOut();
    }
    if ([409, 413, 422].includes(answer.status)) {
      throw new Refused((await answer.json()).sentence);
    }
    if (!answer.ok) {
      throw new Away();
    }
    return answer;
  }
}

export function isWell(outcome) {
  return ["SCAN_OUTCOME_IN", "SCAN_OUTCOME_ALREADY_IN", "SCAN_OUTCOME_UNDONE"].includes(outcome);
}

function asSent(scan) {
  const whom = ["ticket_hash", "registration_id", "walk_in", "undone_scan_id"];
  const sent = { scan_id: scan.scan_id, device_id: scan.device_id, kind: scan.kind, scan_time: scan.time };
  for (const name of ["session_id", ...whom]) {
    if (scan[name]) {
      sent[name] = scan[name];
    }
  }
  return sent;
}
