// The door, with a script: scans go into this phone's own store first, to the portal when it can be reached.
import { Camera } from "./camera.js";
import { Away, Exchange, Refused, SignedOut, isWell } from "./exchange.js";
import { Tampered, codeIn, hashOf, looksLikeCode, plain } from "./list.js";
import { keepForLater, rememberWaiting } from "./keeping.js";
import { IN, Presence, UNDO } from "./presence.js";
import { deviceId, forgetList, forgetScan, forgetWhatIsOver, keepScan, newId, scansOf } from "./store.js";
import { View, nameOf } from "./view.js";

const COUNTS_EVERY_MS = 8000;
const LIST_EVERY_MS = 45000;
const MOST_FOUND = 12;
const FEWEST_LETTERS = 2;

class Door {
  constructor(root) {
    this.told = JSON.parse(root.dataset.door);
    this.view = new View(root, this.told);
    this.root = root;
    this.form = root.querySelector("[data-part=form]");
    this.sessionId = this.form.elements.temps.value;
    this.list = null;
    this.online = navigator.onLine;
    this.signedOut = false;
    this.lastTime = 0;
    this.lastShown = "";
  }

  async begin() {
    await forgetWhatIsOver(Date.now());
    this.device = await deviceId();
    this.exchange = new Exchange(this.told, this.device);
    await this.#readKept();
    this.#listen();
    await this.#show();
    this.root.dataset.ready = "yes";
    await this.meet({ list: true });
    setInterval(() => this.meet({ counts: true }), COUNTS_EVERY_MS);
    setInterval(() => this.meet({ list: true }), LIST_EVERY_MS);
  }

  // Send what waits, then read what is asked for. One meeting at a time: a second one follows the first.
  async meet(wish = {}) {
    const next = () => this.#meet(wish);
    this.meeting = (this.meeting ?? Promise.resolve()).then(next, next);
    return this.meeting;
  }

  async #meet({ list = false, counts = false }) {
    try {
      const sent = await this.exchange.send((tally) => {
        this.tally = tally;
      });
      if (list || sent) {
        this.list = await this.exchange.refresh();
      }
      if (list || counts || !sent) {
        this.tally = await this.exchange.counts();
      }
      [this.online, this.signedOut] = [true, false];
    } catch (error) {
      await this.#failed(error);
    }
    await this.#show();
    await this.#showAnswer();
  }

  async #failed(error) {
    if (error instanceof Tampered) {
      this.view.tampered();
    } else if (error instanceof SignedOut) {
      this.signedOut = true;
      this.list = null;
    } else if (error instanceof Refused) {
      await this.#closed(error.message);
    } else if (!(error instanceof Away)) {
      throw error;
    }
    this.online = error instanceof Tampered || error instanceof Refused;
  }

  // The door is not open: what it worked from goes, what it saw is sent all the same.
  async #closed(sentence) {
    this.list = null;
    await forgetList(this.told.event);
    this.view.result({ kind: "warn", title: sentence });
  }

  async #readKept() {
    try {
      this.list = await this.exchange.kept();
    } catch (error) {
      if (!(error instanceof Tampered)) {
        throw error;
      }
      await forgetList(this.told.event);
      this.view.tampered();
    }
  }

  // A ticket was read, or its code typed.
  async ticket(text) {
    const code = codeIn(text);
    if (code) {
      const hash = await hashOf(code);
      await this.#letIn(this.presence.byHash.get(hash), { ticket_hash: hash });
    }
  }

  async #letIn(entry, whom) {
    const name = entry ? nameOf(entry) : "";
    if (entry && this.presence.isIn(entry)) {
      const note = this.told.words.already_note;
      this.view.result({ kind: "warn", title: this.told.words.outcomes.SCAN_OUTCOME_ALREADY_IN, name, note });
      return;
    }
    const scan = await this.#note({ kind: IN, name, about: entry?.registration_id ?? "", ...whom });
    this.#shown(scan, this.#expectation(entry));
    this.meet();
  }

  // What can be said before the portal has answered.
  #expectation(entry) {
    const { words } = this.told;
    if (!entry) {
      return { kind: "warn", title: words.not_listed, note: words.not_listed_note };
    }
    if (!this.presence.mayEnter(entry)) {
      return { kind: "warn", title: words.outcomes.SCAN_OUTCOME_OTHER_SESSION, note: words.other_session_note };
    }
    return { kind: "ok", title: this.online ? words.in : words.in_here };
  }

  async walkIn(typed) {
    const scan = await this.#note({ kind: IN, name: typed.given_name, walk_in: typed });
    this.#shown(scan, { kind: "ok", title: this.told.words.in_here, note: this.told.words.walk_in_note });
    this.meet();
  }

  async undo(scan) {
    const whom = scan.walk_in
      ? { undone_scan_id: scan.scan_id }
      : { ticket_hash: scan.ticket_hash, registration_id: scan.registration_id };
    await this.#takeBack({ ...whom, undoes: scan.scan_id, about: scan.about, name: scan.name });
  }

  async #takeBack(whom) {
    const scan = await this.#note({ kind: UNDO, ...whom });
    this.#shown(scan, { kind: "info", title: this.told.words.undone });
    this.meet();
  }

  // Into this phone's store before anything else; later scans are later, whatever the clock does meanwhile.
  async #note(what) {
    this.lastTime = Math.max(Date.now(), this.lastTime + 1);
    const scan = {
      scan_id: newId("scan"),
      device_id: this.device,
      event: this.told.event,
      until: this.told.until,
      session_id: what.walk_in ? "" : this.sessionId,
      state: "waiting",
      time: new Date(this.lastTime).toISOString(),
      ...what,
    };
    await keepScan(scan);
    await this.#show();
    return scan;
  }

  #shown(scan, answer) {
    this.lastShown = scan.scan_id;
    const undo = scan.kind === IN && answer.kind === "ok" ? () => this.undo(scan) : null;
    this.view.result({ ...answer, name: scan.name, undo, of: scan.scan_id });
  }

  // The portal's own answer to what is shown, once it is there.
  async #showAnswer() {
    const scan = this.scans.find((each) => each.scan_id === this.lastShown);
    if (!scan || scan.state === "waiting") {
      return;
    }
    this.lastShown = "";
    const kind = !isWell(scan.outcome) ? "refusal" : scan.outcome === "SCAN_OUTCOME_ALREADY_IN" ? "warn" : scan.kind === UNDO ? "info" : "ok";
    const undo = scan.kind === IN && kind === "ok" ? () => this.undo(scan) : null;
    const entry = this.presence.about(scan);
    const answer = { kind, title: this.told.words.outcomes[scan.outcome], name: entry ? nameOf(entry) : scan.name, undo, of: scan.scan_id };
    this.view.result(answer);
    const person = kind === "ok" && scan.about ? await this.exchange.needsOf(scan.about) : "";
    if (person && !this.lastShown) {
      this.view.result({ ...answer, person });
    }
  }

  async #show() {
    this.scans = await scansOf(this.told.event);
    this.presence = new Presence(this.list, this.scans, this.sessionId);
    const waiting = this.scans.filter((scan) => scan.state === "waiting").length;
    rememberWaiting(this.told, waiting);
    const here = this.tally && (this.tally.sessions.find((each) => each.session_id === this.sessionId) ?? this.tally);
    this.view.connection({ online: this.online, waiting, signedOut: this.signedOut });
    this.view.counts(here ?? this.#fromList(), here ? this.presence.unheard() : 0);
    this.view.list(this.list);
    this.view.recent(this.presence.scans, this.presence, (scan) => this.undo(scan));
    this.view.unsettled(this.scans, (scan) => this.#settle(scan));
    this.#search();
  }

  #leave(event) {
    if (this.scans.some((scan) => scan.state === "waiting")) {
      event.preventDefault();
      const { still_waiting: title, still_waiting_note: note } = this.told.words;
      this.view.result({ kind: "warn", title, note });
    }
  }

  // Without the portal's count: from the list and what was scanned here.
  #fromList() {
    const theirs = this.presence.entries.filter((entry) => this.presence.mayEnter(entry));
    return this.list && { expected: theirs.length, present: theirs.filter((entry) => this.presence.isIn(entry)).length };
  }

  async #settle(scan) {
    await forgetScan(scan.scan_id);
    await this.#show();
  }

  #search() {
    const typed = this.form.elements.q.value.trim();
    if (typed.length < FEWEST_LETTERS || looksLikeCode(typed)) {
      this.view.forgetFound();
      return;
    }
    const begun = plain(typed);
    const found = this.presence.entries.filter((entry) => plain(nameOf(entry)).startsWith(begun)).slice(0, MOST_FOUND);
    this.view.found(found, this.presence, (entry, isIn) => this.#press(entry, isIn));
  }

  async #press(entry, isIn) {
    const whom = { registration_id: entry.registration_id };
    this.form.elements.q.value = "";
    await (isIn ? this.#takeBack({ ...whom, about: entry.registration_id, name: nameOf(entry) }) : this.#letIn(entry, whom));
  }

  #listen() {
    this.form.addEventListener("submit", (event) => this.#submitted(event));
    this.form.elements.q.addEventListener("input", () => this.#search());
    this.form.elements.temps.addEventListener("change", () => this.#moved());
    this.view.part("leave").addEventListener("submit", (event) => this.#leave(event));
    this.view.part("walk-in").addEventListener("submit", (event) => this.#walkedIn(event));
    addEventListener("online", () => this.meet({ list: true }));
    addEventListener("offline", () => this.meet());
    document.addEventListener("visibilitychange", () => document.hidden || this.meet({ counts: true }));
    const camera = new Camera(this.view.part("video"), this.told.reader, (code) => this.ticket(code));
    this.view.part("scan").hidden = !navigator.mediaDevices;
    this.view.part("scan").addEventListener("click", () => this.#look(camera));
  }

  async #look(camera) {
    try {
      await (camera.on ? camera.stop() : camera.start());
    } catch {
      camera.stop();
      this.view.result({ kind: "warn", title: this.told.words.camera_denied });
    }
    this.view.camera(camera.on);
  }

  #submitted(event) {
    event.preventDefault();
    const typed = this.form.elements.q.value;
    if (looksLikeCode(typed) || event.submitter?.value === "code") {
      this.form.elements.q.value = "";
      this.ticket(typed);
    } else {
      this.#search();
    }
  }

  #moved() {
    this.sessionId = this.form.elements.temps.value;
    this.view.part("walk-in-box").hidden = this.sessionId !== "";
    this.#show();
  }

  async #walkedIn(event) {
    event.preventDefault();
    const typed = Object.fromEntries(new FormData(event.target));
    const { given_name, family_name, email, profile } = typed;
    event.target.reset();
    this.view.part("walk-in-box").open = false;
    await this.walkIn({ given_name: given_name.trim(), family_name: family_name.trim(), email: email.trim(), ...(profile && { profile: Number(profile) }) });
  }
}

const root = document.querySelector("[data-door]");
const told = JSON.parse(root.dataset.door);
new Door(root).begin();
keepForLater(told, root);
