// Who is in, by what this phone knows: the list says how it was when it was made, the scans since say what changed.
export const IN = "SCAN_KIND_IN";
export const UNDO = "SCAN_KIND_UNDO";
const COUNTS = new Set(["SCAN_OUTCOME_IN", "SCAN_OUTCOME_ALREADY_IN", "SCAN_OUTCOME_UNDONE"]);

export class Presence {
  // `list` may be null while this phone has none; `scans` in the order they were made.
  constructor(list, scans, sessionId) {
    this.entries = list?.entries ?? [];
    this.sessionId = sessionId;
    this.chosen = new Set((list?.sessions ?? []).filter((each) => each.chosen).map((each) => each.session_id));
    this.byHash = new Map(this.entries.map((entry) => [entry.hash, entry]));
    this.byId = new Map(this.entries.map((entry) => [entry.registration_id, entry]));
    this.scans = scans.filter((scan) => scan.session_id === sessionId);
  }

  // The entry a scan is about; undefined for nobody in the list.
  about(scan) {
    const brought = scan.undone_scan_id && this.scans.find((each) => each.scan_id === scan.undone_scan_id);
    const id = scan.registration_id || scan.about || brought?.about;
    return this.byHash.get(scan.ticket_hash) ?? this.byId.get(id);
  }

  mayEnter(entry) {
    return !this.chosen.has(this.sessionId) || entry.session_ids.includes(this.sessionId);
  }

  isIn(entry) {
    const last = this.scans.findLast((scan) => this.#holds(scan) && this.about(scan) === entry);
    return last ? last.kind === IN : this.#before(entry);
  }

  // The last scan that let somebody in here and was not taken back since.
  lastIn(scan) {
    return !this.scans.some((each) => each.kind === UNDO && each.undoes === scan.scan_id);
  }

  // How many more, or fewer, are in than the portal's own count says: by the scans it has not heard of.
  unheard() {
    const waiting = this.scans.filter((scan) => scan.state === "waiting");
    const people = new Set(waiting.map((scan) => this.about(scan)).filter(Boolean));
    let more = 0;
    for (const entry of people) {
      more += Number(this.isIn(entry)) - Number(this.#heard(entry));
    }
    for (const scan of waiting) {
      if (scan.walk_in && !waiting.some((each) => each.undone_scan_id === scan.scan_id)) {
        more += 1;
      }
    }
    return more;
  }

  // As the portal knows it: without what waits.
  #heard(entry) {
    const last = this.scans.findLast((s) => s.state !== "waiting" && this.#holds(s) && this.about(s) === entry);
    return last ? last.kind === IN : this.#before(entry);
  }

  // What the list said: of the event's own door only.
  #before(entry) {
    return this.sessionId === "" && entry.present;
  }

  // Whether a scan says something the list does not: it waits, or the list was made before it was taken in.
  #holds(scan) {
    if (scan.state === "waiting") {
      const entry = this.about(scan);
      return !entry || this.mayEnter(entry);
    }
    return COUNTS.has(scan.outcome) && !scan.listed;
  }
}
